"""What stands between the network and the routes: addresses, connections, signed bodies, and what is refused.

server.py       start here: listens on every address of HOST
connection.py   how many connections there may be, how long a stranger's may stay silent, malformed HTTP
signed_body.py  the body of a request that Slack or Ayrshare signed
refusals.py     counts what is refused, and tells the operator what only they can mend
"""
