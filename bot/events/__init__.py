"""Our own webhook: it tells a system of the operator's what happens to links and accounts.

model.py   start here: the events, and the job that sends each; a job is written with what it tells of
client.py  one signed request
send.py    what the job does: reads what the event is about, and sends it
"""
