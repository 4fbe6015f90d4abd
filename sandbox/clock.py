"""The sandbox's clock: it can be moved forward, and a bot that follows it moves along."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

ASK_AGAIN_SECONDS = 20.0
"""How long a follower waits for an answer when the clock isn't moved."""
FOLLOW_SECONDS = 2.0
"""How long a move waits for the follower."""


class MovableClock:
    """A clock that is `ahead` of the one that it is made from; both are aware, in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.ahead = timedelta()
        self._changed = asyncio.Condition()
        self.followers = 0
        self._followed_to = timedelta()

    def now(self) -> datetime:
        """Return the present moment of the sandbox."""
        return self._now() + self.ahead

    async def move(self, by: timedelta) -> bool:
        """Move the clock forward and return whether a follower has moved along."""
        async with self._changed:
            followed = self.followers > 0
            self.ahead += by
            self._changed.notify_all()
            return followed and await self._wait(lambda: self._followed_to == self.ahead, FOLLOW_SECONDS)

    async def follow(self, ahead: timedelta) -> timedelta:
        """Wait until the clock is ahead by something else than the follower's, and return by how much."""
        async with self._changed:
            self._followed_to, self.followers = ahead, self.followers + 1
            self._changed.notify_all()
            try:
                await self._wait(lambda: self.ahead != ahead, ASK_AGAIN_SECONDS)
            finally:
                self.followers -= 1
            return self.ahead

    async def _wait(self, until: Callable[[], bool], seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait_for(until)
        return until()
