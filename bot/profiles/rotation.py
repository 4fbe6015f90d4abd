"""Rotating the encryption keys while the bot serves: profiles' keys under the newest, and when an older one may go."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.core.model import RefId, TeamId
from bot.profiles.resealing import ResealingStore, SealedProfile, Sealing
from bot.storage.envelope import KeyRing

PASSES = 5
"""Times that all profiles are looked at, at most; a time that changes nothing shows that none was missed."""

Place = tuple[TeamId, RefId]


@dataclass(frozen=True, slots=True)
class OldKey:
    """A key that is not the newest: how many profiles want it, and until when (UTC) something that expires does."""

    id: str
    profiles: int
    until: datetime | None


class Rotation:
    """One run, which may be cut short anywhere and begun again; what it has found can be asked at any moment."""

    def __init__(self, store: ResealingStore, ring: KeyRing) -> None:
        self._store = store
        self._ring = ring
        self.total = 0
        self.resealed: set[Place] = set()
        self.found: dict[Place, tuple[SealedProfile, Sealing]] = {}

    async def run(self, tell: Callable[[], None]) -> None:
        """Go through all profiles, calling `tell` after each step, until nothing is left to be done."""
        for _ in range(PASSES):
            await self._look_at_all(tell)
            if not self.left:
                return

    @property
    def left(self) -> dict[Place, SealedProfile]:
        """The profiles found under an older key at their latest look: none, unless somebody goes on saving with one."""
        return self.those(Sealing.RESEALED, Sealing.CHANGED)

    def those(self, *sealings: Sealing) -> dict[Place, SealedProfile]:
        """Return the profiles that were found so, at their latest look."""
        return {place: profile for place, (profile, found) in self.found.items() if found in sealings}

    async def old_keys(self) -> tuple[OldKey, ...]:
        """Return for each key but the newest what still wants it."""
        expiries = await self._store.expiries()
        wanted = [profile.key_id for profile in (self.left | self.those(Sealing.UNREADABLE)).values()]
        return tuple(OldKey(key, wanted.count(key), expiries.get(key)) for key in self._ring.ids[1:])

    async def _look_at_all(self, tell: Callable[[], None]) -> None:
        teams, seen = await self._store.teams(), set()
        self.total = sum(teams.values())
        for team in teams:
            async for page in self._store.profiles(team):
                done = await self._store.reseal(team, page)
                self.found |= {(team, profile.ref_id): (profile, done[profile.ref_id]) for profile in page}
                self.resealed |= {(team, ref_id) for ref_id, sealing in done.items() if sealing == Sealing.RESEALED}
                seen |= {(team, profile.ref_id) for profile in page}
                tell()
                _heed_cancellation()
        self.found = {place: found for place, found in self.found.items() if place in seen}


def _heed_cancellation() -> None:
    """Stop where a Ctrl-C got lost: Python 3.11's `asyncio.wait_for`, with which redis-py sends, may swallow it.

    https://github.com/python/cpython/issues/86296
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError
