"""People see their profiles here and connect accounts; admins see everyone's, search, filter and manage them.

`home.py` shows the Home tab, `overview.py` decides which rows `/connect list` and Home show, `status.py` asks what is
connected now. Start with `model.py`: the limits, and what a query, a row and a page are.
"""
