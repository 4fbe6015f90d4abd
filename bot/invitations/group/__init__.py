"""Admins ask everybody in a user group: `/connect send @group`.

Start with `send.py`, which reads the group and asks its members one a second. What a member answers is handled as for
any other invitation; the sender sees counts, drawn in `sender_receipt.py`.
"""
