"""A profile, the accounts connected to it, and the people it is mapped to; which profile a command means.

Start at `choose_profile.py` (a title typed) or `account_status.py` (what Ayrshare says of the accounts). `store.py` and
`mapping_store.py` hold the keys in Redis; `rotation.py` re-encrypts profile keys.
"""
