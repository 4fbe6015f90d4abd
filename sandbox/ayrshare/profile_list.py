"""`GET /profiles`: a list that may be five minutes old, with filters and pages.

https://www.ayrshare.com/docs/apis/profiles/get-profiles
"""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.ayrshare import assumptions
from sandbox.ayrshare.account import AyrshareAccount, Profile
from sandbox.ayrshare.errors import MissingParameter
from sandbox.ayrshare.request import ApiRequest
from sandbox.ayrshare.social_accounts import iso

Row = dict[str, Any]


class CachedProfileList:
    """The list of User Profiles at the last update; it contains neither the Primary Profile nor any key."""

    def __init__(self, account: AyrshareAccount, *, has_timestamps: Callable[[], bool]) -> None:
        self._account = account
        self._has_timestamps = has_timestamps
        self._rows: list[Row] = []
        self._updated: datetime | None = None

    def invalidate(self) -> None:
        """Update the list at the next request."""
        self._updated = None

    def page(self, request: ApiRequest) -> Row:
        """Return the rows that pass the filters, from `cursor` on."""
        updated = self._refresh()
        filters = self._filters(request)
        matching = [row for row in self._rows if all(matches(row) for matches in filters)]
        limit, start = _limit(request), _start(request)
        rows, end = matching[start : start + limit], start + limit
        more = {"hasMore": True, "nextCursor": _cursor(end)} if end < len(matching) else {"hasMore": False}
        timestamps = {"lastUpdated": iso(updated), "nextUpdate": iso(updated + assumptions.LIST_CACHED)}
        return {
            "profiles": rows,
            "count": len(rows),
            **(timestamps if self._has_timestamps() else {}),
            "pagination": {**more, "limit": limit},
        }

    def _refresh(self) -> datetime:
        now = self._account.now()
        if self._updated is None or now >= self._updated + assumptions.LIST_CACHED:
            self._updated, self._rows = now, [_row(profile) for profile in self._account.profiles]
        return self._updated

    def _filters(self, request: ApiRequest) -> list[Callable[[Row], bool]]:
        query, filters = request.query, list[Callable[[Row], bool]]()
        if "title" in query:
            filters.append(lambda row: bool(row["title"] == query["title"]))
        if "refId" in query:
            filters.append(lambda row: bool(row["refId"] == query["refId"]))
        if "hasActiveSocialAccounts" in query:
            filters.append(lambda row: ("activeSocialAccounts" in row) == request.flag("hasActiveSocialAccounts"))
        if networks := request.array("includesActiveSocialAccounts"):
            filters.append(lambda row: set(networks) <= set(row.get("activeSocialAccounts", ())))
        if keys := request.array("profileKeys"):  # undocumented; Ayrshare's own test script sends it
            ref_ids = {profile.ref_id for profile in map(self._account.find, keys) if profile}
            filters.append(lambda row: row["refId"] in ref_ids)
        return filters


def _row(profile: Profile) -> Row:
    accounts = {"activeSocialAccounts": list(profile.accounts)} if profile.accounts else {}
    display_title = {name: profile.settings[name] for name in ("displayTitle",) if name in profile.settings}
    return {
        "status": "suspended" if profile.suspended else "active",
        "title": profile.title,
        **display_title,
        "created": {
            "_seconds": int(profile.created.timestamp()),
            "_nanoseconds": profile.created.microsecond * 1_000,
        },
        "createdUTC": iso(profile.created),
        "refId": profile.ref_id,
        **accounts,
        **({"suspended": True} if profile.suspended else {}),
    }


def _limit(request: ApiRequest) -> int:
    limit = request.query.get("limit", str(assumptions.LIST_MAX))
    if not limit.isdecimal() or int(limit) == 0:
        raise MissingParameter("limit must be a number.")
    return min(int(limit), assumptions.LIST_MAX)


def _start(request: ApiRequest) -> int:
    try:
        return int(base64.urlsafe_b64decode(request.query["cursor"])) if "cursor" in request.query else 0
    except (binascii.Error, ValueError):
        raise MissingParameter("cursor is not valid.") from None


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode()
