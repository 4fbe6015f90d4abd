"""A clock that stands still until a test moves it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from tests.eventually import eventually

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""A Friday: 13:00 in Berlin (Ben), 7:00 in New York (Cara), 21:00 in Tokyo (Dan)."""


class ManualClock:
    """A clock that wakes sleepers in the order of their moments, then calls the functions in `moved`.

    `advance` first awaits the functions in `before_move`, so that nothing is under way meanwhile; `jump` does not.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.now(UTC)
        self._sleepers: list[tuple[datetime, asyncio.Future[None]]] = []
        self.before_move: list[Callable[[], Awaitable[None]]] = []
        self.moved: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        if moment <= self._now:
            return
        future = asyncio.get_running_loop().create_future()
        self._sleepers.append((moment, future))
        await future

    async def sleeper(self) -> None:
        """Wait until something sleeps."""

        async def look() -> bool:
            return bool(self._sleepers)

        await eventually(look, "something sleeps until a moment")

    async def advance_seconds(self, seconds: float) -> None:
        await self.advance(timedelta(seconds=seconds))

    async def advance(self, delta: timedelta) -> None:
        for settle in self.before_move:
            await settle()
        self.jump(delta)

    def jump_seconds(self, seconds: float) -> None:
        self.jump(timedelta(seconds=seconds))

    def jump(self, delta: timedelta) -> None:
        self._now += delta
        due = sorted((s for s in self._sleepers if s[0] <= self._now), key=lambda s: s[0])
        self._sleepers = [s for s in self._sleepers if s[0] > self._now]
        for _, future in due:
            if not future.done():
                future.set_result(None)
        for on_move in self.moved:
            on_move()
