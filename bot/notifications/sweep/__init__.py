"""What happens to a dropped account at night: once a day the sweep asks Ayrshare about every profile and reports.

Start in `run.py`: where there are many profiles, `check_batch.py` compares all with a file and leaves those that
changed. It takes one after another of these, `check_profile.py` finds the accounts that are gone or expire soon, and
when all are checked the profiles' people get a digest by day, and admins hear of what only they can fix.
"""
