"""Which workspaces have jobs, and when the first of each is due: one index, so that an idle worker asks one question.

`connectbot:{jobs}:due` is a sorted set of workspaces by the moment in milliseconds at which a worker has to look at
their jobs. While a worker looks, `looking:<claim>:<team>` stands there in place of the workspace, at the end of the
worker's lease; a job that is planned meanwhile adds the workspace again. Each claim has a name of its own: one that is
made a second time, because its answer was lost, ends no look that began the first time.
`connectbot:{jobs}:wake` is a channel on which other processes say that a job is due at once.
"""

import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped
from bot.storage.damage import Shape

DUE = "connectbot:{jobs}:due"
WAKE = "connectbot:{jobs}:wake"
LOOK_LEASE = timedelta(seconds=5)
"""After this another process looks at a workspace whose worker died meanwhile."""

# Ends the looks at workspaces, and returns those that are due, and the moment at which the next one is.
CLAIM_SCRIPT = """
for i = 6, #ARGV, 2 do
  if ARGV[i + 1] ~= '' then redis.call('ZADD', KEYS[1], 'LT', ARGV[i + 1], ARGV[i]) end
  redis.call('ZREM', KEYS[1], ARGV[5] .. ARGV[i])
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if not first[1] or tonumber(first[2]) > tonumber(ARGV[1]) then return {{}, first[2]} end
local teams, known = {}, {}
for _, due in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
  local team = string.match(due, '^looking:%x+:(.*)$') or due
  redis.call('ZREM', KEYS[1], due)
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[4] .. team)
  if not known[team] then table.insert(teams, team) end
  known[team] = true
end
return {teams, redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]}
"""


class DueWorkspaces(Store):
    """The index, for one worker."""

    shapes = (Shape(DUE, "zset", lists="jobs"),)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._claim = self._redis.register_script(CLAIM_SCRIPT)
        self._looking = ""
        """What stands before a workspace that the last claim returned."""

    @redis_errors_mapped
    async def add(self, team: TeamId, *, at: datetime) -> None:
        """Have a worker look at a workspace at a moment, or earlier if that is known already."""
        await self._redis.zadd(DUE, {team: moment_ms(at)}, lt=True)

    @redis_errors_mapped
    async def claim(
        self, *, now: datetime, at_most: int, looked_at: Mapping[TeamId, datetime | None] = MappingProxyType({})
    ) -> tuple[tuple[TeamId, ...], datetime | None]:
        """Claim workspaces that are due; return them and when the next one is due, as far as is known.

        The looks at the workspaces in `looked_at`, which the last claim returned, have ended; each needs the next one
        at a moment, or none.
        """
        looking = f"looking:{secrets.token_hex(8)}:"
        args: list[str | int] = [moment_ms(now), moment_ms(now + LOOK_LEASE), at_most, looking, self._looking]
        for team, next_due in looked_at.items():
            args += [team, moment_ms(next_due) if next_due else ""]
        teams, *first = await self._claim(keys=[DUE], args=args)
        self._looking = looking
        return tuple(TeamId(str(team)) for team in teams), moment_of(first[0]) if first else None

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
