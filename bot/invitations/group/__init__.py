"""Several people are asked: those named, a user group (`/connect send @group`), everyone with disconnected accounts.

send.py     start here: `ask_people`, `ask_group`, `ask_disconnected`; `run_slice` asks one after another
members.py  who is in the group, when it is asked and while it is
nudge.py    `nudge`: whoever hasn't answered is asked again

What a member answers is handled as for any other invitation; the sender sees counts (`sender_receipt.py`).
"""
