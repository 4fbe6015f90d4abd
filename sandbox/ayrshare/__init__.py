"""A local Ayrshare: the API, the page behind its links where accounts are connected, and webhooks.

It answers as the documentation of the real service says; `assumptions.py` holds what the documentation leaves open.
Start at `local.py`, which puts the parts together, or at `api.py`, which answers a call.
"""

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.local import LocalAyrshare

__all__ = ["LocalAyrshare", "Profile"]
