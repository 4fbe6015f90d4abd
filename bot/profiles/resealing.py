"""What is sealed with which encryption key, across all workspaces, and the sealing anew of profiles' keys."""

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.core.model import RefId, TeamId
from bot.profiles.store import PURPOSE, profiles_key
from bot.storage.connection import Connection, Store, reaching_redis
from bot.storage.encryption_keys import keys_named_in
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

PAGE = 100
READ = {"HASH": "HVALS", "STRING": "GET"}
"""How to read what may hold envelopes."""

# Each record only while it is what was read: whoever saved it meanwhile has the newer value.
REWRITE = """
local done = {}
for i = 1, #ARGV, 3 do
  local same = redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1]
  if same then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2]) end
  table.insert(done, same and 1 or 0)
end
return done
"""


@dataclass(frozen=True, slots=True)
class SealedProfile:
    """A profile's record as it lies there; a damaged one has neither title nor envelope."""

    ref_id: RefId
    record: str
    title: str
    envelope: str

    @property
    def key_id(self) -> str | None:
        """The id of the encryption key it was sealed with, if that can be told."""
        return next(iter(keys_named_in(self.envelope)), None)


class Sealing(StrEnum):
    """How a record stands to the newest encryption key, and what was done about it."""

    RESEALED = "resealed"
    NEWEST = "newest"
    CHANGED = "changed"
    """Somebody saved it meanwhile, so it was left alone."""
    UNREADABLE = "unreadable"


class ResealingStore(Store):
    """Goes through everything that is sealed; for commands, never while somebody waits."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._rewrite = self._redis.register_script(REWRITE)

    async def teams(self) -> dict[TeamId, int]:
        """Return the workspaces that have profiles, whoever looks after them, with the number of profiles."""
        keys = [key async for page in self._keys(profiles_key(TeamId("*")), "HASH") for key in page]
        return {TeamId(key.split("{")[1].split("}")[0]): await self._length(key) for key in sorted(set(keys))}

    async def profiles(self, team: TeamId) -> AsyncIterator[tuple[SealedProfile, ...]]:
        """Yield every profile that is there from the first page to the last; one may come twice."""
        cursor = 0
        while True:
            cursor, page = await self._profile_page(team, cursor)
            yield page
            if not cursor:
                return

    @reaching_redis
    async def reseal(self, team: TeamId, profiles: Iterable[SealedProfile]) -> dict[RefId, Sealing]:
        """Seal profiles' keys with the newest encryption key, and return what became of each."""
        done, new = {}, {}
        for profile in profiles:
            done[profile.ref_id], record = self._resealed(team, profile)
            if record:
                new[profile.ref_id] = (profile.record, record)
        if new:
            args = [part for ref_id, records in new.items() for part in (ref_id, *records)]
            rewritten = await self._rewrite(keys=[profiles_key(team)], args=args)
            done |= {ref_id: Sealing.CHANGED for ref_id, ok in zip(new, rewritten, strict=True) if not ok}
        return done

    async def expiries(self) -> dict[str, datetime]:
        """Return until when (UTC) anything that expires by itself, such as a card, is sealed with each key."""
        latest: dict[str, datetime] = {}
        for kind, read in READ.items():
            async for keys in self._keys("connectbot:{*", kind):
                for expiry, text in await self._expiring(keys, read):
                    moment = datetime.fromtimestamp(expiry / 1000, UTC)
                    latest |= {key: max(moment, latest.get(key, moment)) for key in keys_named_in(text)}
        return latest

    def _resealed(self, team: TeamId, profile: SealedProfile) -> tuple[Sealing, str | None]:
        try:
            key = self._envelopes.open(profile.envelope, team, profile.ref_id, PURPOSE)
        except UnreadableSecret:
            return Sealing.UNREADABLE, None
        envelope = self._envelopes.seal(key, team, profile.ref_id, PURPOSE)
        if keys_named_in(envelope) == {profile.key_id}:
            return Sealing.NEWEST, None
        return Sealing.RESEALED, json.dumps(json.loads(profile.record) | {"key": envelope})

    @reaching_redis
    async def _profile_page(self, team: TeamId, cursor: int) -> tuple[int, tuple[SealedProfile, ...]]:
        answer: Any = await self._redis.hscan(profiles_key(team), cursor, count=PAGE)
        following, records = answer
        return following, tuple(_sealed(RefId(ref_id), record) for ref_id, record in records.items())

    @reaching_redis
    async def _length(self, key: str) -> int:
        return int(await self._redis.hlen(key))

    async def _keys(self, pattern: str, kind: str) -> AsyncIterator[list[str]]:
        cursor = 0
        while True:
            cursor, keys = await self._key_page(cursor, pattern, kind)
            yield keys
            if not cursor:
                return

    @reaching_redis
    async def _key_page(self, cursor: int, pattern: str, kind: str) -> tuple[int, list[str]]:
        following, keys = await self._redis.scan(cursor, match=pattern, count=PAGE * 10, _type=kind)
        return following, [str(key) for key in keys]

    @reaching_redis
    async def _expiring(self, keys: list[str], read: str) -> list[tuple[int, str]]:
        """Return when each of the keys that expire does (milliseconds), and all that stands there."""
        times = await self._each("PEXPIRETIME", keys)
        expiring = {key: at for key, at in zip(keys, times, strict=True) if at > 0}
        texts = await self._each(read, list(expiring))
        return [(at, str(text)) for at, text in zip(expiring.values(), texts, strict=True)]

    async def _each(self, command: str, keys: list[str]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.execute_command(command, key)
            return await pipe.execute()


def _sealed(ref_id: RefId, record: str) -> SealedProfile:
    try:
        fields = json.loads(record)
        return SealedProfile(ref_id, record, str(fields["title"]), str(fields["key"]))
    except (ValueError, KeyError, TypeError):
        return SealedProfile(ref_id, record, "", "")
