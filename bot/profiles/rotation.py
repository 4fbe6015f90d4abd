"""Rotating the encryption keys while the bot serves: profiles' keys under the newest, and when an older one may go."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.core.model import RefId, TeamId
from bot.profiles.model import RotationOutcome, SealedProfile
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


class SealedProfileStore(Store):
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
    async def reseal(self, team: TeamId, profiles: Iterable[SealedProfile]) -> dict[RefId, RotationOutcome]:
        """Seal profiles' keys with the newest encryption key, and return what became of each."""
        done, new = {}, {}
        for profile in profiles:
            done[profile.ref_id], record = self._resealed(team, profile)
            if record:
                new[profile.ref_id] = (profile.record, record)
        if new:
            args = [part for ref_id, records in new.items() for part in (ref_id, *records)]
            rewritten = await self._rewrite(keys=[profiles_key(team)], args=args)
            done |= {ref_id: RotationOutcome.CHANGED for ref_id, ok in zip(new, rewritten, strict=True) if not ok}
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

    def _resealed(self, team: TeamId, profile: SealedProfile) -> tuple[RotationOutcome, str | None]:
        try:
            key = self._envelopes.open(profile.envelope, team, profile.ref_id, PURPOSE)
        except UnreadableSecret:
            return RotationOutcome.UNREADABLE, None
        envelope = self._envelopes.seal(key, team, profile.ref_id, PURPOSE)
        if keys_named_in(envelope) == {profile.key_id}:
            return RotationOutcome.NEWEST, None
        return RotationOutcome.RESEALED, json.dumps(json.loads(profile.record) | {"key": envelope})

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


PASSES = 5
"""Times that all profiles are looked at, at most; a time that changes nothing shows that none was missed."""

ProfileId = tuple[TeamId, RefId]


@dataclass(frozen=True, slots=True)
class OldKey:
    """A key that is not the newest: how many profiles want it, and until when (UTC) something that expires does."""

    id: str
    profiles: int
    until: datetime | None


class Rotation:
    """One run, which may be cut short anywhere and begun again; what it has found can be asked at any moment."""

    def __init__(self, store: SealedProfileStore, ring: KeyRing) -> None:
        self._store = store
        self._ring = ring
        self.total = 0
        self.resealed: set[ProfileId] = set()
        self.outcomes: dict[ProfileId, tuple[SealedProfile, RotationOutcome]] = {}

    async def run(self, on_progress: Callable[[], None]) -> None:
        """Go through all profiles, calling `tell` after each step, until nothing is left to be done."""
        for _ in range(PASSES):
            await self._look_at_all(on_progress)
            if not self.remaining:
                return

    @property
    def remaining(self) -> dict[ProfileId, SealedProfile]:
        """The profiles found under an older key at their latest look: none, unless somebody goes on saving with one."""
        return self.with_outcome(RotationOutcome.RESEALED, RotationOutcome.CHANGED)

    def with_outcome(self, *sealings: RotationOutcome) -> dict[ProfileId, SealedProfile]:
        """Return the profiles that were found so, at their latest look."""
        return {place: profile for place, (profile, found) in self.outcomes.items() if found in sealings}

    async def old_keys(self) -> tuple[OldKey, ...]:
        """Return for each key but the newest what still wants it."""
        expiries = await self._store.expiries()
        wanted = [
            profile.key_id for profile in (self.remaining | self.with_outcome(RotationOutcome.UNREADABLE)).values()
        ]
        return tuple(OldKey(key, wanted.count(key), expiries.get(key)) for key in self._ring.ids[1:])

    async def _look_at_all(self, tell: Callable[[], None]) -> None:
        teams, seen = await self._store.teams(), set()
        self.total = sum(teams.values())
        for team in teams:
            async for page in self._store.profiles(team):
                done = await self._store.reseal(team, page)
                self.outcomes |= {(team, profile.ref_id): (profile, done[profile.ref_id]) for profile in page}
                self.resealed |= {
                    (team, ref_id) for ref_id, sealing in done.items() if sealing == RotationOutcome.RESEALED
                }
                seen |= {(team, profile.ref_id) for profile in page}
                tell()
                _heed_cancellation()
        self.outcomes = {place: found for place, found in self.outcomes.items() if place in seen}


def _heed_cancellation() -> None:
    """Stop where a Ctrl-C got lost: Python 3.11's `asyncio.wait_for`, with which redis-py sends, may swallow it.

    https://github.com/python/cpython/issues/86296
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError
