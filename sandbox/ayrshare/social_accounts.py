"""The networks, and what `GET /user` tells about an account on each.

The fields are those that Ayrshare's own test script looks for: user.hurl in
https://github.com/ayrshare/hurl-scripts
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from math import ceil
from typing import Any

LABELS = {
    "bluesky": "Bluesky",
    "facebook": "Facebook Page",
    "gmb": "Google Business Profile",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "pinterest": "Pinterest",
    "reddit": "Reddit",
    "snapchat": "Snapchat",
    "telegram": "Telegram",
    "threads": "Threads",
    "tiktok": "TikTok",
    "twitter": "X",
    "youtube": "YouTube",
}
"""What may be named in `allowedSocial`, as a person reads it."""

LEFT_OUT = {"gmb": {"id", "profileUrl", "userImage"}, "reddit": {"id"}, "telegram": {"userImage"}}
WITH_USERNAME = {
    "bluesky",
    "instagram",
    "pinterest",
    "reddit",
    "snapchat",
    "threads",
    "tiktok",
    "twitter",
    "youtube",
}
TYPES = {"linkedin": "personal", "telegram": "channel"}


@dataclass(frozen=True, slots=True)
class LinkedNetwork:
    """A network linked to a profile; `refresh_by` is when the network demands a new sign-in."""

    platform: str
    name: str
    created: datetime
    refresh_by: datetime | None = None
    refresh_required: bool = False

    def told(self, now: datetime, *, quota: bool = False) -> dict[str, Any]:
        """Return the account as an entry of `displayNames`."""
        told = _usual(self) | _special(self) | self._refresh(now)
        if quota and self.platform == "instagram":
            told["usedQuota"] = 3
        return {key: value for key, value in told.items() if key not in LEFT_OUT.get(self.platform, ())}

    def _refresh(self, now: datetime) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self.refresh_by is not None:
            told["refreshDaysRemaining"] = max(0, ceil((self.refresh_by - now) / timedelta(days=1)))
        if self.refresh_required or self.platform == "fbg":
            told["refreshRequired"] = self.refresh_required
        return told


def _usual(account: LinkedNetwork) -> dict[str, Any]:
    site = f"https://{account.platform}.example/{_handle(account)}"
    return {
        "platform": account.platform,
        "id": str(int(sha1(site.encode(), usedforsecurity=False).hexdigest()[:12], 16)),
        "displayName": account.name,
        "created": iso(account.created),
        "profileUrl": site,
        "userImage": f"{site}.png",
    }


def _special(account: LinkedNetwork) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if account.platform in WITH_USERNAME:
        told["username"] = _handle(account)
    if account.platform in TYPES:
        told["type"] = TYPES[account.platform]
    if account.platform == "facebook":
        told |= {"pageName": account.name, "messagingActive": False}
    return told


def _handle(account: LinkedNetwork) -> str:
    return "".join(letter for letter in account.name.lower() if letter.isalnum())


def iso(moment: datetime) -> str:
    """Return a moment the way the service writes it: UTC, milliseconds, `Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
