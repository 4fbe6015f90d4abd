"""Rotating the encryption keys while the bot serves: re-encrypt profile keys, and say when an older key may go."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.model import RefId, TeamId
from bot.profiles.store import PURPOSE, REWRITE, profiles_key
from bot.storage.connection import Connection, Store, moment_of, redis_errors_mapped
from bot.storage.encryption_keys import keys_named_in
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret
from bot.storage.keys import Keys

PASSES = 5
"""Passes over all profiles, at most. A pass that changes nothing ends the run."""
PAGE = 100
READ = {"HASH": "HVALS", "STRING": "GET"}
"""How to read each type of key that may hold envelopes."""

ProfileId = tuple[TeamId, RefId]


@dataclass(frozen=True, slots=True)
class SealedProfile:
    """A profile's record as stored, with its parts; a damaged one has no title, envelope and key id.

    `key_id` is the id of the encryption key that sealed the envelope.
    """

    ref_id: RefId
    record: str
    title: str = ""
    envelope: str = ""
    key_id: str | None = None


class RotationOutcome(StrEnum):
    """What rotation did with a record."""

    RESEALED = "resealed"
    NEWEST = "newest"
    """It was sealed with the newest encryption key already."""
    CHANGED = "changed"
    """It was saved between reading and rewriting, so it stays as it is."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class OldKey:
    """A key that is not the newest: how many profiles need it, and until when (UTC) a record that expires does."""

    id: str
    profiles: int
    until: datetime | None


class Rotation:
    """One run. It may be cancelled at any point and started again; its results so far can be read at any time."""

    def __init__(self, store: "SealedProfileStore", ring: KeyRing) -> None:
        self._store = store
        self._ring = ring
        self.total = 0
        self.resealed: set[ProfileId] = set()
        self.outcomes: dict[ProfileId, tuple[SealedProfile, RotationOutcome]] = {}

    async def run(self, on_progress: Callable[[], None]) -> None:
        """Make passes over all profiles until none remains, calling `on_progress` after each page."""
        for _ in range(PASSES):
            await self._run_pass(on_progress)
            if not self.remaining:
                return

    @property
    def remaining(self) -> dict[ProfileId, SealedProfile]:
        """The profiles that the latest pass found under an older key: none, unless a bot keeps saving with one."""
        return self.with_outcome(RotationOutcome.RESEALED, RotationOutcome.CHANGED)

    def with_outcome(self, *outcomes: RotationOutcome) -> dict[ProfileId, SealedProfile]:
        """Return the profiles with one of these outcomes in the latest pass."""
        return {id_: profile for id_, (profile, outcome) in self.outcomes.items() if outcome in outcomes}

    async def old_keys(self) -> tuple[OldKey, ...]:
        """Return what still needs each key, except for the newest key."""
        expiries = await self._store.expiries()
        under_old_keys = self.remaining | self.with_outcome(RotationOutcome.UNREADABLE)
        needed = [profile.key_id for profile in under_old_keys.values()]
        return tuple(OldKey(key, needed.count(key), expiries.get(key)) for key in self._ring.ids[1:])

    async def _run_pass(self, on_progress: Callable[[], None]) -> None:
        teams, seen = await self._store.teams(), set()
        self.total = sum(teams.values())
        for team in teams:
            async for page in self._store.profiles(team):
                await self._reseal(team, page)
                seen |= {(team, profile.ref_id) for profile in page}
                on_progress()
        self.outcomes = {id_: outcome for id_, outcome in self.outcomes.items() if id_ in seen}

    async def _reseal(self, team: TeamId, page: tuple[SealedProfile, ...]) -> None:
        outcomes = await self._store.reseal(team, page)
        self.outcomes |= {(team, profile.ref_id): (profile, outcomes[profile.ref_id]) for profile in page}
        self.resealed |= {(team, ref_id) for ref_id, one in outcomes.items() if one is RotationOutcome.RESEALED}


class SealedProfileStore(Store):
    """Scans and re-encrypts all sealed records, page by page; for commands, since it takes long."""

    def __init__(self, connection: Connection, envelopes: KeyRing) -> None:
        super().__init__(connection)
        self._envelopes = envelopes
        self._rewrite = self._redis.register_script(REWRITE)

    async def teams(self) -> dict[TeamId, int]:
        """Return the workspaces that have profiles, mapped or not, with the number of profiles."""
        keys = [
            key async for page in Keys(self.connection).matching(profiles_key(TeamId("*")), kind="HASH") for key in page
        ]
        return {TeamId(key.split("{")[1].split("}")[0]): await self._length(key) for key in sorted(set(keys))}

    async def profiles(self, team: TeamId) -> AsyncIterator[tuple[SealedProfile, ...]]:
        """Yield, in pages, every profile that is stored throughout; one may come twice."""
        cursor = 0
        while True:
            cursor, page = await self._profile_page(team, cursor)
            yield page
            if not cursor:
                return

    @redis_errors_mapped
    async def reseal(self, team: TeamId, profiles: Iterable[SealedProfile]) -> dict[RefId, RotationOutcome]:
        """Seal profiles' keys with the newest encryption key; return the outcome for each profile."""
        outcomes, new = {}, {}
        for profile in profiles:
            outcomes[profile.ref_id], record = self._resealed(team, profile)
            if record:
                new[profile.ref_id] = (profile.record, record)
        if new:
            args = [part for ref_id, records in new.items() for part in (ref_id, *records)]
            rewritten = await self._rewrite(keys=[profiles_key(team)], args=args)
            outcomes |= {ref_id: RotationOutcome.CHANGED for ref_id, ok in zip(new, rewritten, strict=True) if not ok}
        return outcomes

    async def expiries(self) -> dict[str, datetime]:
        """Return until when (UTC) each encryption key is needed by records that expire, such as cards."""
        latest: dict[str, datetime] = {}
        for kind, read in READ.items():
            async for keys in Keys(self.connection).matching("connectbot:{*", kind=kind):
                for expiry, text in await self._expiring(keys, read):
                    moment = moment_of(expiry)
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

    @redis_errors_mapped
    async def _profile_page(self, team: TeamId, cursor: int) -> tuple[int, tuple[SealedProfile, ...]]:
        reply: Any = await self._redis.hscan(profiles_key(team), cursor, count=PAGE)
        following, records = reply
        return following, tuple(_sealed(RefId(ref_id), record) for ref_id, record in records.items())

    @redis_errors_mapped
    async def _length(self, key: str) -> int:
        return int(await self._redis.hlen(key))

    @redis_errors_mapped
    async def _expiring(self, keys: list[str], read: str) -> list[tuple[int, str]]:
        """Return, for each key that expires, when it does (milliseconds) and its whole value as text."""
        times = await self._each("PEXPIRETIME", keys)
        expiring = {key: at for key, at in zip(keys, times, strict=True) if at > 0}
        texts = await self._each(read, list(expiring))
        return [(at, str(text)) for at, text in zip(expiring.values(), texts, strict=True)]

    async def _each(self, command: str, keys: list[str]) -> list[Any]:
        ask: Callable[[str, str], Awaitable[Any]] = self._redis.execute_command
        return await asyncio.gather(*(ask(command, key) for key in keys))


def _sealed(ref_id: RefId, record: str) -> SealedProfile:
    try:
        fields = json.loads(record)
        title, envelope = str(fields["title"]), str(fields["key"])
    except (ValueError, KeyError, TypeError):
        return SealedProfile(ref_id, record)
    return SealedProfile(ref_id, record, title, envelope, key_id=next(iter(keys_named_in(envelope)), None))
