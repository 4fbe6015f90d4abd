"""Profiles: `connectbot:{team}:profiles`, a hash of ref_id to JSON with the title and the sealed key. Permanent."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bot.ayrshare.model import Account, Profile
from bot.core.model import RefId, TeamId
from bot.profiles.model import ProfileHealth, Snapshot
from bot.storage.connection import Connection, Store, reaching_redis
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

# Of two looks at once the one that was begun later is kept, whichever ends first.
KEEP = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept and cjson.decode(string.match(kept, '|(.*)')).at > tonumber(ARGV[2]) then return end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
"""


class SnapshotStore(Store):
    """Keeps what was last seen of each profile."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._keep = self._redis.register_script(KEEP)

    @reaching_redis
    async def save(self, team: TeamId, ref_id: RefId, snapshot: Snapshot) -> None:
        """Keep what was seen, unless something newer is known."""
        accounts = [_written(account) for account in snapshot.accounts]
        at = snapshot.at.timestamp()
        record = f"{snapshot.health}|{json.dumps({'at': at, 'accounts': accounts})}"
        args: list[str | float] = [ref_id, at, record]
        await self._keep(keys=[_key(team)], args=args)

    @reaching_redis
    async def of(self, team: TeamId, *ref_ids: RefId) -> dict[RefId, Snapshot]:
        """Return what was last seen of those of the profiles that were ever looked at."""
        if not ref_ids:
            return {}
        records = await self._redis.hmget(_key(team), list(ref_ids))
        found = zip(ref_ids, records, strict=True)
        return {ref_id: _snapshot(str(record)) for ref_id, record in found if record is not None}

    @reaching_redis
    async def health(self, team: TeamId) -> dict[RefId, str]:
        """Tell of every profile that was ever looked at which kind it is, as a word of `Kind`."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.hkeys(_key(team))
        pipe.hvals(_key(team))
        ref_ids, records = await pipe.execute()
        return {RefId(ref_id): record.partition("|")[0] for ref_id, record in zip(ref_ids, records, strict=True)}


def _key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:snapshots"


def _written(account: Account) -> list[Any]:
    by = account.refresh_by
    return [account.network, account.name, by and by.timestamp(), account.needs_attention]


def _snapshot(kept: str) -> Snapshot:
    kind, _, told = kept.partition("|")
    record = json.loads(told)
    accounts = tuple(
        Account(network, name, None if by is None else _moment(by), needs_attention)
        for network, name, by, needs_attention in record["accounts"]
    )
    return Snapshot(_moment(record["at"]), accounts, stale=kind == ProfileHealth.STALE)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


PURPOSE = "profile key"


class ProfileStore(Store):
    """Keeps each profile once per team, whoever looks after it."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes

    @reaching_redis
    async def save(self, team: TeamId, profile: Profile) -> None:
        """Keep a profile, in place of an earlier record of the same one."""
        await self._redis.hset(profiles_key(team), profile.ref_id, self.record(team, profile))

    def record(self, team: TeamId, profile: Profile) -> str:
        """Return what is kept of a profile, its key sealed."""
        sealed = self._envelopes.seal(profile.key, team, profile.ref_id, PURPOSE)
        return json.dumps({"title": profile.title, "key": sealed})

    @reaching_redis
    async def get(self, team: TeamId, *ref_ids: RefId) -> tuple[Profile, ...]:
        """Return those of the profiles that are known, in the order asked for; raise UnreadableSecret."""
        if not ref_ids:
            return ()
        records = await self._redis.hmget(profiles_key(team), list(ref_ids))
        return tuple(
            self._opened(team, ref_id, json.loads(record))
            for ref_id, record in zip(ref_ids, records, strict=True)
            if record is not None
        )

    async def titles(self, team: TeamId) -> dict[RefId, str]:
        """Return all profiles' titles, without touching a key."""
        return {ref_id: record["title"] for ref_id, record in (await self._records(team)).items()}

    async def readable(self, team: TeamId) -> tuple[Profile, ...]:
        """Return all profiles but those whose keys can't be opened."""
        profiles = []
        for ref_id, record in (await self._records(team)).items():
            with suppress(UnreadableSecret):
                profiles.append(self._opened(team, ref_id, record))
        return tuple(profiles)

    @reaching_redis
    async def _records(self, team: TeamId) -> dict[RefId, dict[str, str]]:
        records = await self._redis.hgetall(profiles_key(team))
        return {RefId(str(ref_id)): json.loads(record) for ref_id, record in records.items()}

    def _opened(self, team: TeamId, ref_id: RefId, record: dict[str, str]) -> Profile:
        key = self._envelopes.open(record["key"], team, ref_id, PURPOSE)
        return Profile(ref_id=ref_id, title=record["title"], key=key)


def profiles_key(team: TeamId) -> str:
    """Return the key of a workspace's hash; `*` for the team makes the pattern of all."""
    return f"connectbot:{{{team}}}:profiles"
