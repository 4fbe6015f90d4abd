"""Who has opened the Home tab lately, and what they looked at there.

`connectbot:{team}:open_homes`: a hash of user to JSON `{"at": …, "home_team": …, "query": …, "admin": …}`, the moment
in seconds. It expires OPEN_FOR after the last opening.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.core.model import TeamId, UserId
from bot.home.model import OPEN_FOR
from bot.profiles.model import Viewer
from bot.storage.connection import Store, redis_errors_mapped, span_ms


@dataclass(frozen=True, slots=True)
class OpenHome:
    """A Home tab that somebody opened, with its query as JSON."""

    viewer: Viewer
    query: str


class OpenHomeStore(Store):
    """Remembers Home tabs, so that they can be drawn again when something changes."""

    @redis_errors_mapped
    async def opened(self, viewer: Viewer, query: str, *, admin: bool, now: datetime) -> None:
        """Note that somebody looks at their Home tab."""
        record = {"at": now.timestamp(), "home_team": viewer.home_team, "query": query, "admin": admin}
        async with self.connection.transaction() as pipe:
            pipe.hset(_key(viewer.team), viewer.user, json.dumps(record))
            pipe.pexpire(_key(viewer.team), span_ms(OPEN_FOR))
            await pipe.execute()

    @redis_errors_mapped
    async def get(self, team: TeamId, user: UserId) -> OpenHome | None:
        """Return what somebody looked at."""
        stored = await self._redis.hget(_key(team), user)
        fields = json.loads(stored) if stored else None
        return OpenHome(Viewer(team, user, fields["home_team"]), fields["query"]) if fields else None

    @redis_errors_mapped
    async def viewers(self, team: TeamId, holders: Collection[UserId], *, now: datetime) -> tuple[UserId, ...]:
        """Return who of a profile's people, and which admins, have opened it within OPEN_FOR."""
        stored = await self._redis.hgetall(_key(team))
        records = {UserId(str(user)): json.loads(record) for user, record in stored.items()}
        since = (now - OPEN_FOR).timestamp()
        recent = (user for user, one in records.items() if one["at"] >= since and (one["admin"] or user in holders))
        return tuple(recent)


def _key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:open_homes"
