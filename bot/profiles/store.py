"""A workspace's profiles with their sealed keys, and snapshots of their accounts.

Profiles: `connectbot:{team}:profiles`, a hash of ref_id to JSON with the title and the sealed key. Permanent.

Snapshots: `connectbot:{team}:snapshots`, a hash of ref_id to the profile's health, `|` and JSON
`{"at": …, "accounts": [[…], …]}`. An account is `[network, name, refresh_by, needs_attention]`, moments are seconds.
The health stands in front so that 10,000 profiles can be filtered without decoding them. Permanent, one short record
for each profile: Home and lists show it before Ayrshare answers, or when it doesn't. Nothing in it is secret.

Accounts that dropped: `connectbot:{team}:disconnected`, a hash of ref_id to JSON of network to
`{"since": …, "name": …, "reason": …}`, with `"hidden"` if an admin dismissed it or its own people took it off. An entry
goes when the network is connected again.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.ayrshare.model import Account, Profile
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import ROWS, AuditRow, audit_fields, audit_key
from bot.profiles.mapping_store import mappings_key
from bot.profiles.model import NOTHING_FOLLOWS, Disconnected, ProfileHealth, Snapshot
from bot.scheduling.job import Job
from bot.scheduling.queue import add_job
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

PURPOSE = "profile key"
"""Part of an envelope's associated data."""
NEVER_SEEN = '|{"at": 0, "accounts": []}'

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

# Of two refreshes at once, the snapshot of the one that began later stays, whichever ends first. What the stored one
# has and the new one lacks has dropped; what the new one has is back.
SAVE_SNAPSHOT = """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
local before = stored and cjson.decode(string.match(stored, '|(.*)'))
if before and before.at > tonumber(ARGV[2]) then return end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[4] == '' then return end
local current = cjson.decode(ARGV[4])
local dropped = cjson.decode(redis.call('HGET', KEYS[2], ARGV[1]) or '{}')
for _, account in ipairs(before and before.accounts or {}) do
  local network, name = account[1], account[2]
  if not dropped[network] then
    dropped[network] = {since = tonumber(ARGV[2]), name = name ~= cjson.null and name or '', reason = ''}
  end
end
for network in pairs(current) do dropped[network] = nil end
if next(dropped) then
  redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(dropped))
else
  redis.call('HDEL', KEYS[2], ARGV[1])
end
"""

# Notes an account that dropped, unless a snapshot of a minute later has it: Ayrshare sends events again for hours. The
# name and the moment of an earlier note stay, and its reason if there is no new one.
NOTE_DROPPED = """
local stored = redis.call('HGET', KEYS[2], ARGV[1])
local seen = stored and cjson.decode(string.match(stored, '|(.*)')) or {at = 0}
for _, account in ipairs(seen.at > cjson.decode(ARGV[3]).since + 60 and seen.accounts or {}) do
  if account[1] == ARGV[2] then return end
end
local dropped = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}')
local noted, new = dropped[ARGV[2]], cjson.decode(ARGV[3])
if noted and not noted.hidden then
  noted.reason = new.reason ~= '' and new.reason or noted.reason
  if noted.name == '' then noted.name = new.name end
else
  dropped[ARGV[2]] = new
end
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(dropped))
"""

# Hides accounts that dropped; a network that isn't noted yet is hidden as well, when the next refresh misses it.
HIDE_DROPPED = """
local dropped, hidden = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}'), 0
local noted = dropped[ARGV[2]]
if noted and noted.hidden then return 0 end
dropped[ARGV[2]] = {since = noted and noted.since or 0, name = '', reason = '', hidden = true}
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(dropped))
if #ARGV > 3 then redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, 4)) end
return 1
"""


# Deletes a profile that is mapped to nobody, and what was seen of it. Returns how many people have it, or -1 if it
# isn't stored.
FORGET = """
local holders = 0
for _, record in ipairs(redis.call('HVALS', KEYS[1])) do
  if string.find(record, '"' .. ARGV[1] .. '"', 1, true) then holders = holders + 1 end
end
if holders > 0 then return holders end
if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then return -1 end
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[2], '*', unpack(ARGV, 3))
return 0
"""


class ProfileStore(Store):
    """Stores each profile once per workspace, however many people it is mapped to."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._held_by = self._redis.register_script(HELD_BY)
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
            self._opened(team, ref_id, json.loads(record))
            for ref_id, record in zip(ref_ids, records, strict=True)
            if record is not None
        )

    @redis_errors_mapped
    async def held_by(self, team: TeamId, user: UserId) -> tuple[Profile, ...]:
        """Return the profiles that are mapped to a person, the default first; raise UnreadableSecret."""
        keys = [mappings_key(team), profiles_key(team), _snapshots_key(team), _dropped_key(team)]
        found = await self._held_by(keys=keys, args=[user])
        if not found:
            return ()
        mapping = json.loads(found[0])
        stored = [row for row in zip(mapping["refs"], *found[1:], strict=True) if row[1]]
        stored.sort(key=lambda row: row[0] != mapping["default"])
        return tuple(
            replace(self._opened(team, RefId(ref_id), json.loads(record)), broken=_broken(seen, dropped))
            for ref_id, record, seen, dropped in stored
        )

    async def titles(self, team: TeamId) -> dict[RefId, str]:
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
    async def forget(self, team: TeamId, ref_id: RefId, *, by: str) -> int:
        """Delete a profile, with its key and what was seen of it, if it is mapped to nobody.

        Return how many people it is mapped to, or -1 if it isn't stored.
        """
        keys = [mappings_key(team), profiles_key(team), _snapshots_key(team), _dropped_key(team), audit_key(team)]
        row = audit_fields(AuditRow("profile_forgotten", by=by, ref_id=ref_id))
        fields = [part for field in row.items() for part in field]
        return int(await self._forget(keys=keys, args=[ref_id, ROWS, *fields]))

    @redis_errors_mapped
    async def ref_ids(self, team: TeamId) -> tuple[RefId, ...]:
        """Return all profiles."""
        return tuple(RefId(str(one)) for one in await self._redis.hkeys(profiles_key(team)))

    @redis_errors_mapped
    async def _records(self, team: TeamId) -> dict[RefId, dict[str, str]]:
        records = await self._redis.hgetall(profiles_key(team))
        return {RefId(str(ref_id)): json.loads(record) for ref_id, record in records.items()}

    def _opened(self, team: TeamId, ref_id: RefId, record: dict[str, str]) -> Profile:
        key = self._envelopes.open(record["key"], team, ref_id, PURPOSE)
        return Profile(ref_id=ref_id, title=record["title"], key=key)


def profiles_key(team: TeamId) -> str:
    """Return the key of a workspace's hash; the team `*` gives the pattern that matches all of them."""
    return f"connectbot:{{{team}}}:profiles"


class SnapshotStore(Store):
    """Stores the newest snapshot of each profile, and which of its accounts dropped until they are back."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        register = self._redis.register_script
        self._save, self._note, self._hide = map(register, (SAVE_SNAPSHOT, NOTE_DROPPED, HIDE_DROPPED))

    @redis_errors_mapped
    async def save(self, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
        """Store a snapshot, unless a newer one is stored; what it lacks of the stored one has dropped."""
        accounts = [_fields(account) for account in snapshot.accounts]
        at, current = snapshot.at.timestamp(), {account.network: True for account in snapshot.accounts}
        record = f"{snapshot.health}|{json.dumps({'at': at, 'accounts': accounts})}"
        args: list[str | float] = [ref_id, at, record, "" if snapshot.stale else json.dumps(current)]
        await self._save(keys=[_snapshots_key(team), _dropped_key(team)], args=args)

    @redis_errors_mapped
    async def note_dropped(self, team: TeamId, ref_id: RefId, account: Disconnected) -> None:
        """Note that an account dropped, which Ayrshare told."""
        fields = {"since": account.since.timestamp(), "name": account.name, "reason": account.reason}
        await self._note(
            keys=[_dropped_key(team), _snapshots_key(team)], args=[ref_id, account.network, json.dumps(fields)]
        )

    @redis_errors_mapped
    async def hide_dropped(self, team: TeamId, ref_id: RefId, network: str, *, audit: AuditRow | None = None) -> bool:
        """Stop showing that an account dropped, until it has been back; return False if it was hidden already."""
        fields = [part for field in audit_fields(audit).items() for part in field] if audit else []
        args = [ref_id, network, ROWS, *fields]
        return bool(await self._hide(keys=[_dropped_key(team), audit_key(team)], args=args))

    @redis_errors_mapped
    async def of(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, Snapshot]:
        """Return the snapshots of these profiles; a profile without one is left out."""
        if not ref_ids:
            return {}
        asked = (self._redis.hmget(key, list(ref_ids)) for key in (_snapshots_key(team), _dropped_key(team)))
        found = zip(ref_ids, *await asyncio.gather(*asked), strict=True)
        return {
            ref_id: _snapshot(str(record), _dropped(dropped)) for ref_id, record, dropped in found if record is not None
        }

    @redis_errors_mapped
    async def health(self, team: TeamId) -> dict[RefId, str]:
        """Return the health of every profile that has a snapshot, as a value of ProfileHealth."""
        transaction = self.connection.transaction()
        transaction.hkeys(_snapshots_key(team))
        transaction.hvals(_snapshots_key(team))
        ref_ids, records = await transaction.execute()
        health = {RefId(ref_id): record.partition("|")[0] for ref_id, record in zip(ref_ids, records, strict=True)}
        listed = {ref_id for ref_id in await self.dropped(team) if health.get(ref_id) != ProfileHealth.STALE}
        return health | dict.fromkeys(listed, str(ProfileHealth.DISCONNECTED))

    @redis_errors_mapped
    async def dropped(self, team: TeamId) -> dict[RefId, tuple[Disconnected, ...]]:
        """Return the accounts that dropped, by profile; profiles without any are left out."""
        records = await self._redis.hgetall(_dropped_key(team))
        found = {RefId(str(ref_id)): _dropped(str(record)) for ref_id, record in records.items()}
        return {ref_id: accounts for ref_id, accounts in found.items() if accounts}


def _dropped_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:disconnected"


def _snapshots_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:snapshots"


def _fields(account: Account) -> list[Any]:
    refresh_by = account.refresh_by
    return [account.network, account.name, refresh_by and refresh_by.timestamp(), account.needs_attention]


def _snapshot(stored: str, disconnected: tuple[Disconnected, ...]) -> Snapshot:
    health, _, text = stored.partition("|")
    record = json.loads(text)
    accounts = tuple(
        Account(network, name, None if refresh_by is None else _moment(refresh_by), needs_attention)
        for network, name, refresh_by, needs_attention in record["accounts"]
    )
    stale = health == ProfileHealth.STALE
    return Snapshot(_moment(record["at"]), accounts, stale=stale, disconnected=disconnected)


def _broken(seen: str | None, dropped: str | None) -> tuple[str, ...]:
    return _snapshot(seen or NEVER_SEEN, _dropped(dropped)).broken


def _dropped(record: str | None) -> tuple[Disconnected, ...]:
    noted = json.loads(record or "{}")
    return tuple(
        Disconnected(network, one["name"], _moment(one["since"]), one["reason"])
        for network, one in sorted(noted.items())
        if not one.get("hidden")
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
