"""The endpoints about profiles: create, list, update, delete, unlink, and `GET /user`.

https://www.ayrshare.com/docs/apis/profiles/overview , https://www.ayrshare.com/docs/apis/user/profile-details
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.ayrshare import assumptions
from sandbox.ayrshare.account import AyrshareAccount, Profile, new_profile
from sandbox.ayrshare.errors import ApiError, MissingParameter
from sandbox.ayrshare.plans import Plan, check_room
from sandbox.ayrshare.profile_list import CachedProfileList
from sandbox.ayrshare.request import ApiRequest
from sandbox.ayrshare.social_accounts import iso

CREATE_SETTINGS = ("messagingActive", "hideTopHeader", "hideLogo", "topHeader", "subHeader", "disableSocial", "tags")
UPDATE_SETTINGS = (*CREATE_SETTINGS, "hideTitle", "displayTitle")

Announce = Callable[..., None]


class ProfileEndpoints:
    """Change and show the User Profiles of the account; `announce` sends webhooks about their accounts."""

    def __init__(
        self,
        account: AyrshareAccount,
        profile_list: CachedProfileList,
        announce: Announce,
        *,
        plan: Callable[[], Plan],
    ) -> None:
        self._account = account
        self._plan = plan
        self._profile_list = profile_list
        self._announce = announce
        self._deletions: deque[datetime] = deque(maxlen=assumptions.DELETIONS_A_SECOND)

    def create(self, request: ApiRequest) -> dict[str, Any]:
        """Create a profile; this is the only response that ever contains a profile key."""
        title = self._unused_title(request.text("title"))
        if request.body.get("team") is True:
            request.text("email")
        check_room(self._plan(), len(self._account.profiles))
        profile = new_profile(title, at=self._account.now())
        profile.settings = _settings(request.body, CREATE_SETTINGS)
        self._account.profiles.append(profile)
        self._profile_list.invalidate()
        created = {"title": title, "refId": profile.ref_id, "profileKey": profile.key}
        return {"status": "success", **created, "messagingActive": bool(request.body.get("messagingActive"))}

    def list(self, request: ApiRequest) -> dict[str, Any]:
        """Return one page of the cached list."""
        return self._profile_list.page(request)

    def update(self, request: ApiRequest) -> dict[str, Any]:
        """Change a profile's title or settings."""
        profile = request.user_profile()
        settings = _settings(request.body, UPDATE_SETTINGS)
        if request.body.get("title") not in {None, profile.title}:
            profile.title = self._unused_title(request.text("title"))
        profile.settings |= settings
        self._profile_list.invalidate()
        return {"status": "success", "refId": profile.ref_id}

    def delete(self, request: ApiRequest) -> dict[str, Any]:
        """Delete a profile, identified by its key or its exact title."""
        profile = request.profile if request.has_profile_key else self._titled(request.text("title"))
        self._limit_deletions()
        self._account.profiles.remove(profile)
        self._profile_list.invalidate()
        return {"status": "success", "refId": profile.ref_id}

    def unlink(self, request: ApiRequest) -> dict[str, Any]:
        """Disconnect a network, of the Primary Profile without a key; succeeds if it wasn't connected."""
        platform, profile = request.text("platform"), request.profile
        if account := profile.accounts.pop(platform, None):
            self._announce(profile, account, "unlink", source="user")
        return {"status": "success", "platform": platform, "refId": profile.ref_id}

    def user(self, request: ApiRequest) -> dict[str, Any]:
        """Return the accounts that are connected now."""
        quota = request.flag("instagramQuota") or request.flag("instagramDetails")
        return user_body(request.profile, now=self._account.now(), quota=quota)

    def _unused_title(self, title: str) -> str:
        if any(profile.title == title for profile in self._account.profiles):
            status, code = assumptions.TITLE_TAKEN
            raise ApiError(status, "Profile title already exists.", code=code)
        return title

    def _titled(self, title: str) -> Profile:
        for profile in self._account.profiles:
            if profile.title == title:
                return profile
        raise ApiError(assumptions.UNKNOWN_TITLE, "Profile not found.")

    def _limit_deletions(self) -> None:
        now = self._account.now()
        full = len(self._deletions) == assumptions.DELETIONS_A_SECOND
        if full and now < self._deletions[0] + timedelta(seconds=1):
            raise ApiError(429, "Too many profile deletions.")
        self._deletions.append(now)


def user_body(profile: Profile, *, now: datetime, quota: bool = False) -> dict[str, Any]:
    """Return a profile as `GET /user` does; `displayNames` are in the order of the networks' names."""
    active = {"activeSocialAccounts": list(profile.accounts)} if profile.accounts else {}
    names = [profile.accounts[network].as_json(now, quota=quota) for network in sorted(profile.accounts)]
    return {
        **active,
        "ayrlinkUrl": f"https://ayrl.ink/{profile.ref_id[:10]}",
        "created": {**_firestore(profile.created), "utc": iso(profile.created)},
        **({"displayNames": names} if names else {}),
        "email": "owner@acme.example",
        "monthlyApiCalls": profile.calls,
        "refId": profile.ref_id,
        "title": profile.title,
    }


def _settings(body: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    for name in ("disableSocial", "tags"):
        if not isinstance(body.get(name, []), list):
            raise MissingParameter(f"{name} must be an array.")
    return {name: body[name] for name in names if name in body}


def _firestore(moment: datetime) -> dict[str, int]:
    """Return a time as Firestore serializes it."""
    return {"_seconds": int(moment.timestamp()), "_nanoseconds": moment.microsecond * 1_000}
