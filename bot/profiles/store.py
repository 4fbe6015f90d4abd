"""A workspace's profiles with their sealed keys, and snapshots of their accounts.

Profiles: `connectbot:{team}:profiles`, a hash of ref_id to JSON with the title and the sealed key. Permanent.

Snapshots: `connectbot:{team}:snapshots`, a hash of ref_id to the profile's health, `|` and JSON
`{"at": …, "accounts": [[…], …]}`. An account is `[network, name, refresh_by, needs_attention]`, moments are seconds.
The health stands in front so that 10,000 profiles can be filtered without decoding them. Permanent, one short record
for each profile: Home and lists show it before Ayrshare answers, or when it doesn't. Nothing in it is secret.
"""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bot.ayrshare.model import Account, Profile
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import mappings_key
from bot.profiles.model import ProfileHealth, Snapshot
from bot.storage.connection import Connection, Store, redis_errors_mapped
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

PURPOSE = "profile key"
"""Part of an envelope's associated data."""

# Returns the record of a person's mappings, and the records of their profiles in the order of its `refs`.
HELD_BY = """
local mapping = redis.call('HGET', KEYS[1], ARGV[1])
if not mapping then return false end
local readable, record = pcall(cjson.decode, mapping)
return {mapping, readable and redis.call('HMGET', KEYS[2], unpack(record.refs)) or {}}
"""

# Of two refreshes at once, the snapshot of the one that began later stays, whichever ends first.
SAVE_SNAPSHOT = """
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if stored and cjson.decode(string.match(stored, '|(.*)')).at > tonumber(ARGV[2]) then return end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
"""


class ProfileStore(Store):
    """Stores each profile once per workspace, however many people it is mapped to."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._held_by = self._redis.register_script(HELD_BY)

    @redis_errors_mapped
    async def save(self, team: TeamId, profile: Profile) -> None:
        """Store a profile, replacing an earlier record of it."""
        await self._redis.hset(profiles_key(team), profile.ref_id, self.record(team, profile))

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
        found = await self._held_by(keys=[mappings_key(team), profiles_key(team)], args=[user])
        if not found:
            return ()
        mapping, records = json.loads(found[0]), found[1]
        stored = [(RefId(ref), record) for ref, record in zip(mapping["refs"], records, strict=True) if record]
        stored.sort(key=lambda one: one[0] != mapping["default"])
        return tuple(self._opened(team, ref_id, json.loads(record)) for ref_id, record in stored)

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
    """Stores the newest snapshot of each profile."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._save = self._redis.register_script(SAVE_SNAPSHOT)

    @redis_errors_mapped
    async def save(self, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
        """Store a snapshot, unless a newer one is stored."""
        accounts = [_fields(account) for account in snapshot.accounts]
        at = snapshot.at.timestamp()
        record = f"{snapshot.health}|{json.dumps({'at': at, 'accounts': accounts})}"
        args: list[str | float] = [ref_id, at, record]
        await self._save(keys=[_snapshots_key(team)], args=args)

    @redis_errors_mapped
    async def of(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, Snapshot]:
        """Return the snapshots of these profiles; a profile without one is left out."""
        if not ref_ids:
            return {}
        records = await self._redis.hmget(_snapshots_key(team), list(ref_ids))
        found = zip(ref_ids, records, strict=True)
        return {ref_id: _snapshot(str(record)) for ref_id, record in found if record is not None}

    @redis_errors_mapped
    async def health(self, team: TeamId) -> dict[RefId, str]:
        """Return the health of every profile that has a snapshot, as a value of ProfileHealth."""
        pipe = self.connection.transaction()
        pipe.hkeys(_snapshots_key(team))
        pipe.hvals(_snapshots_key(team))
        ref_ids, records = await pipe.execute()
        return {RefId(ref_id): record.partition("|")[0] for ref_id, record in zip(ref_ids, records, strict=True)}


def _snapshots_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:snapshots"


def _fields(account: Account) -> list[Any]:
    refresh_by = account.refresh_by
    return [account.network, account.name, refresh_by and refresh_by.timestamp(), account.needs_attention]


def _snapshot(stored: str) -> Snapshot:
    health, _, text = stored.partition("|")
    record = json.loads(text)
    accounts = tuple(
        Account(network, name, None if refresh_by is None else _moment(refresh_by), needs_attention)
        for network, name, refresh_by, needs_attention in record["accounts"]
    )
    return Snapshot(_moment(record["at"]), accounts, stale=health == ProfileHealth.STALE)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
