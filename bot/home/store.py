"""How a whole workspace's mappings and titles are read, without keys, and cached: only what changed is read again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from bot.core.clock import Clock
from bot.core.model import RefId, TeamId
from bot.home.model import CACHED_FOR, CHANGES_READ, Workspace, entries_of
from bot.people.audit import audit_key
from bot.profiles.mapping_store import mappings_key
from bot.profiles.store import ProfileStore, profiles_key
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.damage import UNREADABLE, readable

IRRELEVANT = frozenset({"link_made", "link_cancelled", "link_taken_back", "refused"})
IRRELEVANT |= {"account_reconnected", "account_changed", "account_shared", "account_kept", "account_undone"}
IRRELEVANT |= {"client_link_made", "client_link_used", "client_link_extended", "client_link_revoked"}
IRRELEVANT |= {"account_dismissed", "link_sent_for", "group_asked", "invitation_stopped", "invitation_allowed", "more"}
"""Audit rows of what changes no mapping and no title."""
CHANGES_ONE_PERSON = frozenset({"mapping_added", "mapping_removed", "default_changed"})
"""Audit rows of what changes the mappings of the person in `for`."""


class Version(NamedTuple):
    """What identifies a workspace's state: the audit log's newest row, and the number of profiles."""

    team: TeamId
    newest: str
    profiles: int


@dataclass(frozen=True, slots=True)
class CachedWorkspace:
    """The workspace as it was last read in full, at a moment, and updated to a version."""

    version: Version
    at: datetime
    workspace: Workspace


class OverviewStore(Store):
    """Reads the keys of the mapping store and the profile store.

    Decoding 10,000 of each takes 50 ms, so the last workspace is cached and updated from the audit log, to which each
    change of a mapping adds a row in its own transaction. A new title that no row tells of shows after CACHED_FOR.
    """

    def __init__(self, connection: Connection, profiles: ProfileStore, clock: Clock) -> None:
        super().__init__(connection)
        self._profiles = profiles
        self._clock = clock
        self._cached: CachedWorkspace | None = None

    @redis_errors_mapped
    async def read(self, team: TeamId) -> Workspace:
        """Return all mappings and titles of a workspace."""
        version, now, cached = await self._version(team), self._clock.now(), self._cached
        if cached is None or cached.version.team != team or now - cached.at >= CACHED_FOR:
            cached = CachedWorkspace(version, now, await self._read_all(team))
        elif cached.version != version:
            cached = replace(cached, workspace=await self._updated(cached, version))
        self._cached = replace(cached, version=version)
        return cached.workspace

    async def _version(self, team: TeamId) -> Version:
        pipe = self.connection.transaction()
        pipe.xrevrange(audit_key(team), count=1)
        pipe.hlen(profiles_key(team))
        rows, profiles = await pipe.execute()
        return Version(team, rows[0][0] if rows else "0", profiles)

    async def _updated(self, cached: CachedWorkspace, version: Version) -> Workspace:
        changed = await self._changed_people(version.team, since=cached.version.newest)
        if changed is None:
            return await self._read_all(version.team)
        workspace = await self._reread(cached.workspace, version.team, changed) if changed else cached.workspace
        return workspace if len(workspace.titles) == version.profiles else await self._read_all(version.team)

    async def _changed_people(self, team: TeamId, *, since: str) -> list[str] | None:
        """Return the users whose mappings changed; None if the audit log can't tell."""
        rows: Any = await self._redis.xrange(audit_key(team), min=f"({since}", count=CHANGES_READ)
        changes = [row for _, row in rows if row["what"] not in IRRELEVANT]
        if len(rows) == CHANGES_READ or not all(row["what"] in CHANGES_ONE_PERSON and "for" in row for row in changes):
            return None
        return list({row["for"] for row in changes})

    async def _reread(self, before: Workspace, team: TeamId, users: list[str]) -> Workspace:
        records = await self._redis.hmget(mappings_key(team), users)
        known = {user: record for user, record in zip(users, records, strict=True) if record}
        read = readable(mappings_key(team), known, lambda _, record: json.loads(record)["refs"] + [])
        held = {user: read.get(user, []) for user in users}
        theirs = await self._profiles.titles(team, *(ref_id for refs in held.values() for ref_id in refs))
        titles = {**before.titles, **theirs}
        others = ((user, (ref_id,)) for _, user, ref_id in before.entries if user and user not in held)
        return Workspace(entries_of(chain(others, held.items()), titles), titles)

    async def _read_all(self, team: TeamId) -> Workspace:
        """Read fields and values as two lists, and decode them in one call: one by one takes several times as long."""
        pipe = self.connection.transaction()
        for key in (mappings_key(team), profiles_key(team)):
            pipe.hkeys(key)
            pipe.hvals(key)
        users, held, ref_ids, described = await pipe.execute()
        titles: dict[RefId, str] = _field(profiles_key(team), ref_ids, described, "title", "")
        mapped = _field(mappings_key(team), users, held, "refs", [])
        return Workspace(entries_of(mapped.items(), titles), titles)


def _field(key: str, names: list[str], records: list[str], field: str, empty: Any) -> dict[Any, Any]:
    """Return a field of each record that can be read, of the type of `empty`."""
    try:
        return {name: record[field] + empty for name, record in zip(names, _decoded(records), strict=True)}
    except UNREADABLE:
        return readable(
            key, dict(zip(names, records, strict=True)), lambda _, record: json.loads(record)[field] + empty
        )


def _decoded(records: Iterable[str]) -> list[dict[str, Any]]:
    decoded: list[dict[str, Any]] = json.loads(f"[{','.join(records)}]")
    return decoded
