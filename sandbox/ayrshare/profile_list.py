"""`GET /profiles`: a list that is up to five minutes old, with filters and pages.

https://www.ayrshare.com/docs/apis/profiles/get-profiles
"""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.ayrshare import assumptions
from sandbox.ayrshare.account import Account, Profile
from sandbox.ayrshare.errors import Refusal
from sandbox.ayrshare.request import Asked
from sandbox.ayrshare.social_accounts import iso

Row = dict[str, Any]


class ProfileList:
    """The list as it was when it was last drawn up; neither the Primary nor any key is in it."""

    def __init__(self, account: Account, *, tells_age: Callable[[], bool]) -> None:
        self._account = account
        self._tells_age = tells_age
        self._rows: list[Row] = []
        self._drawn: datetime | None = None

    def forget(self) -> None:
        """Draw the list up anew when it is next asked for."""
        self._drawn = None

    def page(self, asked: Asked) -> Row:
        """Answer with the rows that fit, from `cursor` on."""
        drawn = self._refresh()
        fitting = [row for row in self._rows if all(fits(row) for fits in self._filters(asked))]
        limit, start = _limit(asked), _start(asked)
        rows, end = fitting[start : start + limit], start + limit
        more = {"hasMore": True, "nextCursor": _cursor(end)} if end < len(fitting) else {"hasMore": False}
        age = {"lastUpdated": iso(drawn), "nextUpdate": iso(drawn + assumptions.LIST_CACHED)}
        return {
            "profiles": rows,
            "count": len(rows),
            **(age if self._tells_age() else {}),
            "pagination": {**more, "limit": limit},
        }

    def _refresh(self) -> datetime:
        now = self._account.now()
        if self._drawn is None or now >= self._drawn + assumptions.LIST_CACHED:
            self._drawn, self._rows = now, [_row(profile) for profile in self._account.profiles]
        return self._drawn

    def _filters(self, asked: Asked) -> list[Callable[[Row], bool]]:
        query, filters = asked.query, list[Callable[[Row], bool]]()
        if "title" in query:
            filters.append(lambda row: bool(row["title"] == query["title"]))
        if "refId" in query:
            filters.append(lambda row: bool(row["refId"] == query["refId"]))
        if "hasActiveSocialAccounts" in query:
            filters.append(lambda row: ("activeSocialAccounts" in row) == asked.flag("hasActiveSocialAccounts"))
        if wanted := asked.listed("includesActiveSocialAccounts"):
            filters.append(lambda row: set(wanted) <= set(row.get("activeSocialAccounts", ())))
        if keys := asked.listed("profileKeys"):  # undocumented; Ayrshare's own test script sends it
            known = {profile.ref_id for profile in map(self._account.find, keys) if profile}
            filters.append(lambda row: row["refId"] in known)
        return filters


def _row(profile: Profile) -> Row:
    linked = {"activeSocialAccounts": list(profile.linked)} if profile.linked else {}
    titled = {name: profile.settings[name] for name in ("displayTitle",) if name in profile.settings}
    return {
        "status": "suspended" if profile.suspended else "active",
        "title": profile.title,
        **titled,
        "created": {
            "_seconds": int(profile.created.timestamp()),
            "_nanoseconds": profile.created.microsecond * 1_000,
        },
        "createdUTC": iso(profile.created),
        "refId": profile.ref_id,
        **linked,
        **({"suspended": True} if profile.suspended else {}),
    }


def _limit(asked: Asked) -> int:
    limit = asked.query.get("limit", str(assumptions.LIST_MAX))
    if not limit.isdecimal() or int(limit) == 0:
        raise Refusal(assumptions.MISSING_FIELD, "limit must be a number.")
    return min(int(limit), assumptions.LIST_MAX)


def _start(asked: Asked) -> int:
    try:
        return int(base64.urlsafe_b64decode(asked.query["cursor"])) if "cursor" in asked.query else 0
    except (binascii.Error, ValueError):
        raise Refusal(assumptions.MISSING_FIELD, "cursor is not valid.") from None


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode()
