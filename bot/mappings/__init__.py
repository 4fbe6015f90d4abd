"""Admins map Ayrshare profiles to people, create, unmap and hand over profiles; people without one ask an admin.

Start with `map_profile.py`. What several of these share is in `unmap.py`; mappings from a CSV file are in `imports/`.
"""
