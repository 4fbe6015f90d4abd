"""Admins map Ayrshare profiles to people, create, unmap and hand over profiles; people without one ask an admin.

Start with `map_profile.py`. What follows from each change (links end, people are told) is in `follow_up.py`; which
profiles are meant when some are taken from a person, in `unmap.py`; mappings from a CSV file are in `imports/`.
"""
