"""People see their profiles here and connect accounts; admins see everyone's, search, filter and manage them.

`home.py` shows the Home tab, `overview.py` decides which rows `/connect list` and Home show; what is connected now
comes from `bot/profiles/account_status.py`. Start with `model.py`: the limits, and what a query, a row and a page are.
"""
