"""Who may do what, how often, and when a person may be messaged; what they did is in the audit log.

Start at `access.py`, the one place that decides who may see a link and who is an admin. `directory.py` knows who
somebody is, from Redis (`store.py`) or from Slack. `limits.py` has the limits (API keys have their own),
`preferences.py` who has muted messages and when it is night, `audit.py` the log.
"""
