"""Which workspaces have jobs, and when the first of each is due: one index, so that an idle worker asks one question.

`connectbot:{jobs}:due` is a sorted set of workspaces by the moment in milliseconds at which a worker has to look at
their jobs. While a worker looks, it is the end of that worker's lease, until a job is planned meanwhile.
`connectbot:{jobs}:wake` is a channel on which other processes say that a job is due at once.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped

DUE = "connectbot:{jobs}:due"
WAKE = "connectbot:{jobs}:wake"
LOOK_LEASE = timedelta(seconds=5)
"""After this another process looks at a workspace whose worker died meanwhile."""

# Returns the workspaces that are due, and the moment at which the next one is.
CLAIM_SCRIPT = """
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[1] or tonumber(first[2]) > tonumber(ARGV[1]) then return {{}, first[2]} end
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, team in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], team) end
return {due, redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]}
"""

# A moment that is no longer the end of our lease is that of a job planned meanwhile.
RELEASE_SCRIPT = """
local stands = redis.call('ZSCORE', KEYS[1], ARGV[1])
local leased = stands and tonumber(stands) == tonumber(ARGV[2])
if ARGV[3] == '' then
  if leased then redis.call('ZREM', KEYS[1], ARGV[1]) end
elseif leased then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
else
  redis.call('ZADD', KEYS[1], 'LT', ARGV[3], ARGV[1])
end
"""


class DueWorkspaces(Store):
    """The index, for one worker, which looks at the workspaces of one claim before it makes another."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._claim = self._redis.register_script(CLAIM_SCRIPT)
        self._release = self._redis.register_script(RELEASE_SCRIPT)
        self._lease = 0.0

    @redis_errors_mapped
    async def add(self, team: TeamId, *, at: datetime) -> None:
        """Have a worker look at a workspace at a moment, or earlier if that is known already."""
        await self._redis.zadd(DUE, {team: moment_ms(at)}, lt=True)

    @redis_errors_mapped
    async def claim(self, *, now: datetime, at_most: int) -> tuple[tuple[TeamId, ...], datetime | None]:
        """Claim workspaces that are due; return them and when the next one is due, as far as is known."""
        self._lease = moment_ms(now + LOOK_LEASE) + 0.5  # no job is planned for half a millisecond
        teams, *first = await self._claim(keys=[DUE], args=[moment_ms(now), self._lease, at_most])
        return tuple(TeamId(str(team)) for team in teams), _moment(first[0]) if first else None

    @redis_errors_mapped
    async def release(self, team: TeamId, *, next_due: datetime | None) -> None:
        """End the look at a claimed workspace, and note when the next one is needed."""
        await self._release(keys=[DUE], args=[team, self._lease, moment_ms(next_due) if next_due else ""])

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
