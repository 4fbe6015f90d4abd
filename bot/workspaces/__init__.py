"""Many workspaces: each installs the app by OAuth and has a token, people, cards and limits of its own.

A person opens `/slack/install` and allows the app (`install.py`); the tokens are kept sealed (`store.py`). Each call of
Slack's uses the token of its workspace or, where the whole organization has installed the app, of that (`clients.py`).
Tokens are renewed hours before they expire (`refresh.py`). A workspace that uninstalls the app loses its tokens at once
and its data 30 days later (`leave.py`, `forget.py`).

A *place* is where the app is installed: a workspace (`T…`) or an organization (`E…`).
"""
