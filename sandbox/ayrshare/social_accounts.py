"""The social networks, and what `GET /user` returns about an account of each.

The fields are those that Ayrshare's own test script looks for: user.hurl in
https://github.com/ayrshare/hurl-scripts
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha1
from math import ceil
from typing import Any

from sandbox.ayrshare.assumptions import DAYS_TOLD

X = "twitter"
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
    X: "X",
    "youtube": "YouTube",
}
"""The networks that `allowedSocial` may name, with the label that people read."""

OMITTED_FIELDS = {"gmb": {"id", "profileUrl", "userImage"}, "reddit": {"id"}, "telegram": {"userImage"}}
NETWORKS_WITH_USERNAME = {
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
class SocialAccount:
    """An account that is connected to a profile; `refresh_by` is when the network requires a new sign-in."""

    platform: str
    name: str
    created: datetime
    refresh_by: datetime | None = None
    refresh_required: bool = False

    def as_json(self, now: datetime, *, quota: bool = False) -> dict[str, Any]:
        """Return the account as an entry of `displayNames`."""
        entry = _common_fields(self) | _network_fields(self) | self._refresh_fields(now)
        if quota and self.platform == "instagram":
            entry["usedQuota"] = 3
        return {key: value for key, value in entry.items() if key not in OMITTED_FIELDS.get(self.platform, ())}

    def _refresh_fields(self, now: datetime) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        if self.refresh_required or self.platform == "fbg":
            fields["refreshRequired"] = self.refresh_required
        if self.refresh_by is not None and self.platform in DAYS_TOLD:
            fields["refreshDaysRemaining"] = max(0, ceil((self.refresh_by - now) / timedelta(days=1)))
        elif self.refresh_by is not None:
            fields["refreshRequired"] = iso(self.refresh_by)
        return fields


def _common_fields(account: SocialAccount) -> dict[str, Any]:
    url = f"https://{account.platform}.example/{_handle(account)}"
    return {
        "platform": account.platform,
        "id": str(int(sha1(url.encode(), usedforsecurity=False).hexdigest()[:12], 16)),
        "displayName": account.name,
        "created": iso(account.created),
        "profileUrl": url,
        "userImage": f"{url}.png",
    }


def _network_fields(account: SocialAccount) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if account.platform in NETWORKS_WITH_USERNAME:
        fields["username"] = _handle(account)
    if account.platform in TYPES:
        fields["type"] = TYPES[account.platform]
    if account.platform == "facebook":
        fields |= {"pageName": account.name, "messagingActive": False}
    return fields


def _handle(account: SocialAccount) -> str:
    return "".join(letter for letter in account.name.lower() if letter.isalnum())


def iso(moment: datetime) -> str:
    """Return a time in the format of the service: UTC, milliseconds, `Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
