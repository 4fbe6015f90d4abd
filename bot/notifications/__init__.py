"""People hear, without asking, of accounts that are disconnected or expire soon: in one direct message, by day.

Ayrshare's webhook (`ayrshare_event.py`) and the daily sweep (`sweep/run.py`) find the alerts, `account_diff.py` keeps
those that are new, `digest.py` sends them, `reminders.py` tells again of what stays disconnected. Start with
`model.py`, where every limit stands.
"""
