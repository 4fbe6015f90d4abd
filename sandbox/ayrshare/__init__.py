"""A local Ayrshare: the API, the linking page behind its links, and webhooks."""

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.local import LocalAyrshare

__all__ = ["LocalAyrshare", "Profile"]
