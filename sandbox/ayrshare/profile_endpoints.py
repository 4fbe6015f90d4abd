"""The endpoints about profiles: create, list, update, delete, unlink, and `GET /user`.

https://www.ayrshare.com/docs/apis/profiles/overview , https://www.ayrshare.com/docs/apis/user/profile-details
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.ayrshare import assumptions
from sandbox.ayrshare.account import Account, Profile, new_profile
from sandbox.ayrshare.errors import Refusal
from sandbox.ayrshare.profile_list import ProfileList
from sandbox.ayrshare.request import Asked
from sandbox.ayrshare.social_accounts import iso

SETTINGS = ("messagingActive", "hideTopHeader", "hideLogo", "topHeader", "subHeader", "disableSocial", "tags")
UPDATED = (*SETTINGS, "hideTitle", "displayTitle")

Announce = Callable[..., None]


class Profiles:
    """Keeps the User Profiles of the account."""

    def __init__(self, account: Account, listing: ProfileList, announce: Announce) -> None:
        self._account = account
        self._listing = listing
        self._announce = announce
        self._deletions: deque[datetime] = deque(maxlen=assumptions.DELETIONS_A_SECOND)

    def create(self, asked: Asked) -> dict[str, Any]:
        """Make a profile; the only answer that ever contains a profile key."""
        title = self._free(asked.text("title"))
        profile = new_profile(title, at=self._account.now())
        profile.settings = _settings(asked.body, SETTINGS)
        self._account.profiles.append(profile)
        self._listing.forget()
        told = {"title": title, "refId": profile.ref_id, "profileKey": profile.key}
        return {"status": "success", **told, "messagingActive": bool(asked.body.get("messagingActive"))}

    def list(self, asked: Asked) -> dict[str, Any]:
        """Answer with one page of the cached list."""
        return self._listing.page(asked)

    def update(self, asked: Asked) -> dict[str, Any]:
        """Change a profile's title or settings."""
        profile = asked.own_profile()
        settings = _settings(asked.body, UPDATED)
        if asked.body.get("title") not in {None, profile.title}:
            profile.title = self._free(asked.text("title"))
        profile.settings |= settings
        self._listing.forget()
        return {"status": "success", "refId": profile.ref_id}

    def delete(self, asked: Asked) -> dict[str, Any]:
        """Delete a profile, named by its key or its exact title."""
        profile = asked.profile if asked.named else self._titled(asked.text("title"))
        self._pace()
        self._account.profiles.remove(profile)
        self._listing.forget()
        return {"status": "success", "refId": profile.ref_id}

    def unlink(self, asked: Asked) -> dict[str, Any]:
        """Unlink a network, of the Primary Profile when no key names another; fine if it was not linked."""
        platform, profile = asked.text("platform"), asked.profile
        if dropped := profile.linked.pop(platform, None):
            self._announce(profile, dropped, "unlink", source="user")
        return {"status": "success", "platform": platform, "refId": profile.ref_id}

    def user(self, asked: Asked) -> dict[str, Any]:
        """Answer with what is linked at this very moment."""
        profile, now = asked.profile, self._account.now()
        quota = asked.flag("instagramQuota") or asked.flag("instagramDetails")
        active = {"activeSocialAccounts": list(profile.linked)} if profile.linked else {}
        names = {"displayNames": [account.told(now, quota=quota) for account in profile.linked.values()]}
        return {
            **active,
            "ayrlinkUrl": f"https://ayrl.ink/{profile.ref_id[:10]}",
            "created": {**_firestore(profile.created), "utc": iso(profile.created)},
            **(names if profile.linked else {}),
            "email": "owner@acme.example",
            "monthlyApiCalls": profile.calls,
            "refId": profile.ref_id,
            "title": profile.title,
        }

    def _free(self, title: str) -> str:
        if any(profile.title == title for profile in self._account.profiles):
            status, code = assumptions.TITLE_TAKEN
            raise Refusal(status, "Profile title already exists.", code=code)
        return title

    def _titled(self, title: str) -> Profile:
        for profile in self._account.profiles:
            if profile.title == title:
                return profile
        raise Refusal(assumptions.UNKNOWN_TITLE, "Profile not found.")

    def _pace(self) -> None:
        now = self._account.now()
        full = len(self._deletions) == assumptions.DELETIONS_A_SECOND
        if full and now < self._deletions[0] + timedelta(seconds=1):
            raise Refusal(429, "Too many profile deletions.")
        self._deletions.append(now)


def _settings(body: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    for name in ("disableSocial", "tags"):
        if not isinstance(body.get(name, []), list):
            raise Refusal(assumptions.MISSING_FIELD, f"{name} must be an array.")
    return {name: body[name] for name in names if name in body}


def _firestore(moment: datetime) -> dict[str, int]:
    return {"_seconds": int(moment.timestamp()), "_nanoseconds": moment.microsecond * 1_000}
