"""Which workspaces have jobs, and when the first of each is due: one index, so that an idle worker asks one question.

`connectbot:{jobs}:due` is a sorted set of workspaces by the moment in milliseconds at which a worker has to look at
their jobs. A worker that looks moves the workspace to `connectbot:{jobs}:visits`, sorted by the end of its lease.
`connectbot:{jobs}:wake` is a channel on which other processes say that a job is due at once.
"""

import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped

DUE = "connectbot:{jobs}:due"
VISITS = "connectbot:{jobs}:visits"
WAKE = "connectbot:{jobs}:wake"
VISIT_LEASE = timedelta(seconds=5)
"""After this another process looks at a workspace whose visitor died."""

# Returns the workspaces that are due, and the moment at which the next one is.
CLAIM_SCRIPT = """
for _, lost in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1])) do
  redis.call('ZADD', KEYS[1], 'LT', ARGV[1], cjson.decode(lost)[2])
  redis.call('ZREM', KEYS[2], lost)
end
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, team in ipairs(due) do
  redis.call('ZREM', KEYS[1], team)
  redis.call('ZADD', KEYS[2], ARGV[2], cjson.encode({ARGV[4], team}))
end
return {due, redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')}
"""


class DueWorkspaces(Store):
    """The index of one process, which claims workspaces under a name of its own."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._visitor = secrets.token_hex(8)
        self._claim = self._redis.register_script(CLAIM_SCRIPT)

    @redis_errors_mapped
    async def add(self, team: TeamId, *, at: datetime) -> None:
        """Have a worker look at a workspace at a moment, or earlier if that is known already."""
        await self._redis.zadd(DUE, {team: moment_ms(at)}, lt=True)

    @redis_errors_mapped
    async def claim(self, *, now: datetime, at_most: int) -> tuple[tuple[TeamId, ...], datetime | None]:
        """Claim workspaces that are due; return them and when the next one is due, as far as is known."""
        args: list[str | int] = [moment_ms(now), moment_ms(now + VISIT_LEASE), at_most, self._visitor]
        teams, first = await self._claim(keys=[DUE, VISITS], args=args)
        return tuple(TeamId(str(team)) for team in teams), _moment(first[1]) if first else None

    @redis_errors_mapped
    async def release(self, team: TeamId, *, next_due: datetime | None) -> None:
        """End the look at a claimed workspace, and note when the next one is needed."""
        async with self._redis.pipeline(transaction=True) as pipe:
            if next_due:
                pipe.zadd(DUE, {team: moment_ms(next_due)}, lt=True)
            pipe.zrem(VISITS, json.dumps([self._visitor, team], separators=(",", ":")))
            await pipe.execute()

    @redis_errors_mapped
    async def wake_others(self) -> None:
        """Tell the workers of other processes that a workspace is due."""
        await self._redis.publish(WAKE, "")

    async def wakes(self) -> AsyncIterator[None]:
        """Yield whenever another process has told so; raises redis-py's errors."""
        async with self._redis.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(WAKE)
            async for _ in channel.listen():
                yield


def _moment(score: str) -> datetime:
    return datetime.fromtimestamp(float(score) / 1000, UTC)
