"""How long a call may take, and whether it is tried again."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import aiohttp

from bot.ayrshare.errors import AyrshareError, RateLimited

RETRIES = 2


@dataclass(frozen=True, slots=True)
class Timings:
    """How long a call may take: to connect, each try, all tries together, and the pause before the first repetition."""

    connect: timedelta = timedelta(seconds=3)
    attempt: timedelta = timedelta(seconds=10)
    total: timedelta = timedelta(seconds=15)
    pause: timedelta = timedelta(milliseconds=200)

    def of_one_try(self) -> aiohttp.ClientTimeout:
        """Return the limits that aiohttp keeps."""
        return aiohttp.ClientTimeout(total=self.attempt.total_seconds(), sock_connect=self.connect.total_seconds())


class Patience:
    """Tells after a failed try whether there is another; after a 429 once, and only if its wait is short enough.

    A thousand 429 in a day suspend a profile: https://www.ayrshare.com/docs/errors/errors-http
    """

    def __init__(self, total: timedelta) -> None:
        self._ends = asyncio.get_running_loop().time() + total.total_seconds()
        self._was_limited = False

    def __call__(self, error: Exception) -> bool | timedelta:
        """Return the pause before another try, True for the usual one, or False."""
        if isinstance(error, RateLimited):
            return self._limited(error)
        if not isinstance(error, AyrshareError) or not error.retryable:
            return False
        return True if error.retry_after is None else self._if_in_time(error.retry_after)

    def _limited(self, error: RateLimited) -> bool | timedelta:
        first, self._was_limited = not self._was_limited, True
        return self._if_in_time(error.retry_after) if first and error.retry_after is not None else False

    def _if_in_time(self, wait: timedelta) -> bool | timedelta:
        left = self._ends - asyncio.get_running_loop().time()
        return wait if wait.total_seconds() < left else False
