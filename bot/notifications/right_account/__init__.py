"""People hear when another account than before was connected, or one that another profile has as well.

Every look at a profile compares (`bot/profiles/account_id_store.py`); `announce.py` decides who hears, `tell.py` sends.
"""
