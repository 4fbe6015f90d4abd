"""Single flights: of several equal requests one is carried out, and another only some time after it is done.

The key is that of a lock (lock.py). Its value is the owner's token while the request is carried out, then `done:` and
the version of what was clicked.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from bot.core.background import issued
from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, redis_errors_mapped, span_ms
from bot.storage.errors import StoreUnavailable
from bot.storage.lock import RETRY_SECONDS, Attempt, Locks

DONE_FOR = timedelta(minutes=2)
"""The same version is not carried out again within this time: somebody clicked twice."""
OTHER_VERSION_AFTER = timedelta(seconds=5)
"""Another version is a new wish only if it was on the screen for so long; else it was drawn under somebody's finger."""

# Returns 0 if the key is ours now, 1 if somebody else's request is carried out, 2 if it was.
BEGIN = """
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then
  if string.sub(held, 1, 5) ~= 'done:' then return 1 end
  if held == ARGV[3] or redis.call('PTTL', KEYS[1]) > tonumber(ARGV[4]) then return 2 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 0
"""
BEGUN, UNDER_WAY = 0, 1

log = structlog.get_logger()


class SingleFlights(Store):
    """Lets one of several equal requests through, across all processes."""

    def __init__(self, connection: Connection, locks: Locks) -> None:
        super().__init__(connection)
        self._locks = locks
        self._begin = self._redis.register_script(BEGIN)

    @asynccontextmanager
    async def hold(
        self, team: TeamId, what: str, *, version: str, longest: timedelta, wait: timedelta
    ) -> AsyncIterator[bool | None]:
        """Yield True to carry the request out, False where that was done, None while somebody does it, after `wait`.

        What fails, or is cut short by a restart, may be begun again at once; after a kill, once the lease has ended.
        `longest` is as in Locks.hold. Raises StoreUnavailable.
        """
        attempt = self._locks.attempt(team, what)
        await issued()  # what the caller has begun travels with the attempt
        outcome, end = await self._begun(attempt, f"done:{version}"), time.monotonic() + wait.total_seconds()
        while outcome == UNDER_WAY and time.monotonic() < end:
            await asyncio.sleep(RETRY_SECONDS)
            outcome = await self._begun(attempt, f"done:{version}")
        if outcome != BEGUN:
            yield None if outcome == UNDER_WAY else False
            return
        async with self._locks.hold(team, what, longest=longest, ours=attempt):
            yield True
            try:
                await self._done(attempt, f"done:{version}")
            except StoreUnavailable:  # it is done, so people read no error
                log.warning("not_marked_done", team=team, what=what)

    @redis_errors_mapped
    async def _begun(self, attempt: Attempt, done: str) -> int:
        others = span_ms(DONE_FOR - OTHER_VERSION_AFTER)
        return int(await self._begin(keys=[attempt.key], args=[attempt.owner, span_ms(attempt.lease), done, others]))

    @redis_errors_mapped
    async def _done(self, attempt: Attempt, done: str) -> None:
        await self._redis.set(attempt.key, done, px=DONE_FOR)
