"""A clock that is ahead of the machine's by as much as the sandbox's, and wakes its sleepers when it is moved."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import aiohttp

PAUSE_SECONDS = 1.0
"""Before the sandbox is asked again when it doesn't answer."""


class FollowingClock:
    """The machine's time, moved forward."""

    def __init__(self) -> None:
        self.ahead = 0
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    async def sleep_until(self, moment: datetime) -> None:
        """Return at that moment, or at once if it is past."""
        while (left := (moment - self.now()).total_seconds()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()

    def move(self, ahead: int) -> None:
        """Be so many seconds ahead."""
        self.ahead = ahead
        self._moved.set()
        self._moved = asyncio.Event()


@asynccontextmanager
async def following(url: str) -> AsyncIterator[FollowingClock]:
    """Return a clock that follows the one at a URL until the context is left."""
    clock = FollowingClock()
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            clock.move((await response.json())["ahead"])
        task = asyncio.create_task(_follow(clock, session, url))
        try:
            yield clock
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _follow(clock: FollowingClock, session: aiohttp.ClientSession, url: str) -> None:
    while True:
        try:
            async with session.get(url, params={"ahead": clock.ahead}) as response:
                clock.move((await response.json())["ahead"])
        except (aiohttp.ClientError, TimeoutError):
            await asyncio.sleep(PAUSE_SECONDS)
