"""A workspace's profiles with their sealed keys.

`connectbot:{team}:profiles`: a hash of ref_id to JSON with the title and the sealed key. Permanent.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import ROWS, AuditRow, audit_key, audit_parts
from bot.profiles.account_id_store import account_ids_key
from bot.profiles.mapping_store import FOLLOW_UP, jobs_json, mappings_key
from bot.profiles.model import NOTHING_FOLLOWS, HeldProfile
from bot.profiles.snapshot_store import dropped_key, read_snapshot, snapshots_key
from bot.profiles.titles import told_apart_titles
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import Job
from bot.scheduling.queue import add_job, queue_key
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.damage import Shape, readable
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

PURPOSE = "profile key"
"""Part of an envelope's associated data."""
# Returns the record of a person's mappings and, in the order of its `refs`, the records of their profiles, of what was
# last seen of them, and of what dropped.
HELD_BY = """
local mapping = redis.call('HGET', KEYS[1], ARGV[1])
if not mapping then return false end
local readable, record = pcall(cjson.decode, mapping)
local found = {mapping, {}, {}, {}}
for i = 2, readable and 4 or 0 do found[i] = redis.call('HMGET', KEYS[i], unpack(record.refs)) end
return found
"""

# Writes each record only if it is still what was read; otherwise a newer value was saved.
REWRITE = """
local done = {}
for i = 1, #ARGV, 3 do
  local same = redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1]
  if same then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2]) end
  table.insert(done, same and 1 or 0)
end
return done
"""

# Deletes a profile that is mapped to nobody, and what was seen of it, and plans what follows. Returns how many people
# have it, or -1 if it isn't stored.
FORGET = f"""{FOLLOW_UP}
local holders, id = 0, cjson.encode(ARGV[1])
for _, record in ipairs(redis.call('HVALS', KEYS[1])) do
  if string.find(record, id, 1, true) then holders = holders + 1 end
end
if holders > 0 then return holders end
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then return -1 end
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
redis.call('HDEL', KEYS[6], ARGV[1])
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 4))
plan(ARGV[3], KEYS[7], KEYS[8])
return 0
"""


class ProfileStore(Store):
    """Stores each profile once per workspace, however many people it is mapped to."""

    shapes = (Shape("profiles", "hash", lambda _, record: _parts(record), irreplaceable=True),)

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._held_by = self._redis.register_script(HELD_BY)
        self._rewrite = self._redis.register_script(REWRITE)
        self._forget = self._redis.register_script(FORGET)

    @redis_errors_mapped
    async def save(
        self, team: TeamId, profile: Profile, *, jobs: Mapping[Job, datetime] = NOTHING_FOLLOWS.jobs
    ) -> None:
        """Store a profile, replacing an earlier record of it, and plan jobs; `Scheduler.wake` has to follow."""
        async with self.connection.transaction() as pipe:
            pipe.hset(profiles_key(team), profile.ref_id, self.record(team, profile))
            for job, at in jobs.items():
                add_job(pipe, self.connection, team, job, at=at)
            await pipe.execute()

    @redis_errors_mapped
    async def tell_apart(self, team: TeamId) -> dict[RefId, str]:
        """Mark the titles that several profiles have, unmark those that only one has, and return all titles."""
        stored: Any = await self._redis.hgetall(profiles_key(team))
        records = _readable(team, stored)
        titles = told_apart_titles({ref_id: record["title"] for ref_id, record in records.items()})
        new = {
            ref_id: json.dumps(record | {"title": titles[ref_id]})
            for ref_id, record in records.items()
            if titles[ref_id] != record["title"]
        }
        if new:
            args = [part for ref_id, record in new.items() for part in (ref_id, stored[ref_id], record)]
            await self._rewrite(keys=[profiles_key(team)], args=args)
        return titles

    def record(self, team: TeamId, profile: Profile) -> str:
        """Return the record of a profile, with its key sealed."""
        sealed = self._envelopes.seal(profile.key, team, profile.ref_id, PURPOSE)
        return json.dumps({"title": profile.title, "key": sealed})

    @redis_errors_mapped
    async def get(self, team: TeamId, *ref_ids: RefId) -> tuple[Profile, ...]:
        """Return the profiles that are stored, in the order given; raise UnreadableSecret."""
        if not ref_ids:
            return ()
        records = await self._redis.hmget(profiles_key(team), list(ref_ids))
        return tuple(
            self._opened(team, ref_id, _parts(record))
            for ref_id, record in zip(ref_ids, records, strict=True)
            if record is not None
        )

    def opened(self, team: TeamId, ref_id: RefId, record: str) -> Profile | None:
        """Return a profile from its record; None where that can't be read, of which `get` tells the cause."""
        with suppress(UnreadableSecret, ValueError, KeyError, TypeError):
            return self._opened(team, ref_id, _parts(record))
        return None

    @redis_errors_mapped
    async def held_by(self, team: TeamId, user: UserId) -> tuple[HeldProfile, ...]:
        """Return the profiles that are mapped to a person, the default first; raise UnreadableSecret."""
        keys = [mappings_key(team), profiles_key(team), snapshots_key(team), dropped_key(team)]
        found = await self._held_by(keys=keys, args=[user])
        if not found:
            return ()
        mapping = json.loads(found[0])
        stored = [row for row in zip(mapping["refs"], *found[1:], strict=True) if row[1]]
        stored.sort(key=lambda row: row[0] != mapping["default"])
        return tuple(self._held(team, RefId(ref_id), *records) for ref_id, *records in stored)

    @redis_errors_mapped
    async def titles(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, str]:
        """Return the titles of the profiles that are known, without opening a key."""
        records = await self._redis.hmget(profiles_key(team), list(ref_ids)) if ref_ids else []
        found = {ref_id: record for ref_id, record in zip(ref_ids, records, strict=True) if record is not None}
        return {ref_id: record["title"] for ref_id, record in _readable(team, found).items()}

    async def all_titles(self, team: TeamId) -> dict[RefId, str]:
        """Return all profiles' titles, without opening a key."""
        return {ref_id: record["title"] for ref_id, record in (await self._records(team)).items()}

    async def readable(self, team: TeamId) -> tuple[Profile, ...]:
        """Return all profiles except those whose keys can't be opened."""
        profiles = []
        for ref_id, record in (await self._records(team)).items():
            with suppress(UnreadableSecret):
                profiles.append(self._opened(team, ref_id, record))
        return tuple(profiles)

    @redis_errors_mapped
    async def forget(self, team: TeamId, ref_id: RefId, *, by: str, jobs: Mapping[Job, datetime]) -> int:
        """Delete a profile, with its key and what was seen of it, if it is mapped to nobody; then plan jobs.

        Return how many people it is mapped to, or -1 if it isn't stored.
        """
        keys = [mappings_key(team), profiles_key(team), snapshots_key(team), dropped_key(team), audit_key(team)]
        keys += [account_ids_key(team), queue_key(team), *([] if self.connection.clustered else [DUE])]
        row = AuditRow("profile_forgotten", by=by, ref_id=ref_id)
        return int(await self._forget(keys=keys, args=[ref_id, ROWS, jobs_json(jobs), *audit_parts(row)]))

    @redis_errors_mapped
    async def ref_ids(self, team: TeamId) -> tuple[RefId, ...]:
        """Return all profiles."""
        return tuple(RefId(str(one)) for one in await self._redis.hkeys(profiles_key(team)))

    @redis_errors_mapped
    async def _records(self, team: TeamId) -> dict[RefId, dict[str, str]]:
        return _readable(team, await self._redis.hgetall(profiles_key(team)))

    def _held(self, team: TeamId, ref_id: RefId, record: str, seen: str | None, dropped: str | None) -> HeldProfile:
        profile = self._opened(team, ref_id, _parts(record))
        return HeldProfile(profile.ref_id, profile.title, profile.key, read_snapshot(seen, dropped))

    def _opened(self, team: TeamId, ref_id: RefId, record: dict[str, str]) -> Profile:
        key = self._envelopes.open(record["key"], team, ref_id, PURPOSE)
        return Profile(ref_id=ref_id, title=record["title"], key=key)


def _readable(team: TeamId, records: Mapping[Any, Any]) -> dict[RefId, dict[str, str]]:
    return {
        RefId(one): parts
        for one, parts in readable(profiles_key(team), records, lambda _, record: _parts(record)).items()
    }


def _parts(record: str | bytes) -> dict[str, str]:
    parts: dict[str, str] = json.loads(record)
    return parts | {name: parts[name] + "" for name in ("title", "key")}


def profiles_key(team: TeamId) -> str:
    """Return the key of a workspace's hash; the team `*` gives the pattern that matches all of them."""
    return f"connectbot:{{{team}}}:profiles"
