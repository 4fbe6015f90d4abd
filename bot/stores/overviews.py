"""Who looks after what in a whole workspace: `mappings` and `profiles` in one reading, without any key."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.clock import Clock
from bot.model import RefId, TeamId
from bot.overview import Workspace, entries_of
from bot.stores.audit import audit_key
from bot.stores.connection import Connection, Store, reaching_redis
from bot.stores.mappings import mappings_key
from bot.stores.profiles import profiles_key

AT_MOST = timedelta(minutes=1)
CHANGES_NOTHING = frozenset({"link_made", "link_cancelled", "link_taken_back", "refused"})
"""What stands in the audit trail and is no change of what is read here."""
FEW = 200


class Mark(NamedTuple):
    """What tells one state of a workspace from another: the trail's newest row, and how many there are of each."""

    team: TeamId
    newest: str
    people: int
    profiles: int


@dataclass(frozen=True, slots=True)
class Read:
    """What was read last, and when."""

    mark: Mark
    at: datetime
    workspace: Workspace


class OverviewStore(Store):
    """Reads what the stores of mappings and of profiles keep.

    To decode 10,000 of each takes 50 ms, so the last reading is used again until somebody has changed something: each
    change of a mapping adds its row to the audit trail in one transaction with it. A profile that got another title
    without such a row shows it within a minute.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._last: Read | None = None

    @reaching_redis
    async def read(self, team: TeamId) -> Workspace:
        """Return who looks after what, and what it is called."""
        mark, now, last = await self._mark(team), self._clock.now(), self._last
        if last is None or now - last.at >= AT_MOST or not await self._unchanged(last.mark, mark):
            last = Read(mark, now, await self._read(team))
        self._last = replace(last, mark=mark)
        return last.workspace

    @reaching_redis
    async def titles(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, str]:
        """Return the titles of those of the profiles that are known."""
        if not ref_ids:
            return {}
        records = await self._redis.hmget(profiles_key(team), list(ref_ids))
        found = zip(ref_ids, records, strict=True)
        return {ref_id: json.loads(record)["title"] for ref_id, record in found if record is not None}

    async def _mark(self, team: TeamId) -> Mark:
        pipe = self._redis.pipeline(transaction=True)
        pipe.xrevrange(audit_key(team), count=1)
        pipe.hlen(mappings_key(team))
        pipe.hlen(profiles_key(team))
        trail, people, profiles = await pipe.execute()
        return Mark(team, trail[0][0] if trail else "0", people, profiles)

    async def _unchanged(self, before: Mark, now: Mark) -> bool:
        if before == now or before._replace(newest=now.newest) != now:
            return before == now
        since: Any = await self._redis.xrange(audit_key(now.team), min=f"({before.newest}", count=FEW)
        return len(since) < FEW and all(fields["what"] in CHANGES_NOTHING for _, fields in since)

    async def _read(self, team: TeamId) -> Workspace:
        """Take fields and values as two lists, and decode them in one call: one by one takes several times as long."""
        pipe = self._redis.pipeline(transaction=True)
        for key in (mappings_key(team), profiles_key(team)):
            pipe.hkeys(key)
            pipe.hvals(key)
        users, held, ref_ids, described = await pipe.execute()
        titles = {ref_id: record["title"] for ref_id, record in zip(ref_ids, _decoded(described), strict=True)}
        mapped = ((user, record["refs"]) for user, record in zip(users, _decoded(held), strict=True))
        return Workspace(entries_of(mapped, titles), titles)


def _decoded(records: Iterable[str]) -> list[dict[str, Any]]:
    decoded: list[dict[str, Any]] = json.loads(f"[{','.join(records)}]")
    return decoded
