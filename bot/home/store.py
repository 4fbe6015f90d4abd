"""Who looks after what in a whole workspace: `mappings` and `profiles` in one reading, without any key."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from bot.core.clock import Clock
from bot.core.model import RefId, TeamId
from bot.home.model import Workspace, entries_of
from bot.people.audit import audit_key
from bot.profiles.mapping_store import mappings_key
from bot.profiles.store import profiles_key
from bot.storage.connection import Connection, Store, reaching_redis

AT_MOST = timedelta(minutes=1)
CHANGES_NOTHING = frozenset({"link_made", "link_cancelled", "link_taken_back", "profile_deletion_asked", "refused"})
CHANGES_NOTHING |= {"link_sent_for", "group_asked", "invitation_stopped", "invitation_allowed"}
CHANGES_ONE = frozenset({"mapping_added", "mapping_removed", "default_changed"})
"""What an audit row tells of: nothing that is read here, or what one person looks after."""
FEW = 200


class Mark(NamedTuple):
    """What tells one state of a workspace from another: the trail's newest row, and how many profiles there are."""

    team: TeamId
    newest: str
    profiles: int


@dataclass(frozen=True, slots=True)
class Read:
    """What was read last, and when."""

    mark: Mark
    at: datetime
    workspace: Workspace


class OverviewStore(Store):
    """Reads what the stores of mappings and of profiles keep.

    To decode 10,000 of each takes 50 ms, so of the last reading only that is read again which somebody has changed
    since: each change of a mapping adds its row to the audit trail in one transaction with it. A profile that got
    another title without such a row shows it within a minute.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock
        self._last: Read | None = None

    @reaching_redis
    async def read(self, team: TeamId) -> Workspace:
        """Return who looks after what, and what it is called."""
        mark, now, last = await self._mark(team), self._clock.now(), self._last
        if last is None or last.mark.team != team or now - last.at >= AT_MOST:
            last = Read(mark, now, await self._whole(team))
        elif last.mark != mark:
            last = replace(last, workspace=await self._brought_up(last, mark))
        self._last = replace(last, mark=mark)
        return last.workspace

    @reaching_redis
    async def titles(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, str]:
        """Return the titles of those of the profiles that are known."""
        return await self._titles(team, *ref_ids)

    async def _titles(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, str]:
        if not ref_ids:
            return {}
        records = await self._redis.hmget(profiles_key(team), list(ref_ids))
        found = zip(ref_ids, records, strict=True)
        return {ref_id: json.loads(record)["title"] for ref_id, record in found if record is not None}

    async def _mark(self, team: TeamId) -> Mark:
        pipe = self._redis.pipeline(transaction=True)
        pipe.xrevrange(audit_key(team), count=1)
        pipe.hlen(profiles_key(team))
        trail, profiles = await pipe.execute()
        return Mark(team, trail[0][0] if trail else "0", profiles)

    async def _brought_up(self, last: Read, mark: Mark) -> Workspace:
        changed = await self._changed(mark.team, since=last.mark.newest)
        if changed is None:
            return await self._whole(mark.team)
        workspace = await self._reread(last.workspace, mark.team, changed) if changed else last.workspace
        return workspace if len(workspace.titles) == mark.profiles else await self._whole(mark.team)

    async def _changed(self, team: TeamId, *, since: str) -> list[str] | None:
        """Return for whom something was changed; None where it takes a whole reading to tell what was."""
        rows: Any = await self._redis.xrange(audit_key(team), min=f"({since}", count=FEW)
        changes = [row for _, row in rows if row["what"] not in CHANGES_NOTHING]
        if len(rows) == FEW or not all(row["what"] in CHANGES_ONE and "for" in row for row in changes):
            return None
        return list({row["for"] for row in changes})

    async def _reread(self, before: Workspace, team: TeamId, users: list[str]) -> Workspace:
        records = await self._redis.hmget(mappings_key(team), users)
        held = {user: json.loads(record)["refs"] if record else [] for user, record in zip(users, records, strict=True)}
        titles = {**before.titles, **await self._titles(team, *(ref_id for refs in held.values() for ref_id in refs))}
        others = ((user, (ref_id,)) for _, user, ref_id in before.entries if user and user not in held)
        return Workspace(entries_of(chain(others, held.items()), titles), titles)

    async def _whole(self, team: TeamId) -> Workspace:
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
