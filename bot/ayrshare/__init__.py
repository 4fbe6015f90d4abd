"""Ayrshare's HTTP API: create and list profiles, read their accounts, make links, verify webhooks.

Start at `client.py` for calls, at `links.py` for links (`session_links.py` and `jwt_links.py` are its two APIs), at
`webhook.py` for events, at `errors.py` for what each refusal means.
"""
