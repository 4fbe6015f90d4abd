"""What is due later: `connectbot:{team}:agenda`, a sorted set of `kind:id` by moment (milliseconds).

What is drawn by `chat.update` moves on from there, once due, to `connectbot:{team}:drawings`, in the order of turns,
and during its turn to `connectbot:{team}:drawn`, by when it is given up for lost. `connectbot:{team}:pace` counts the
turns of a minute, `connectbot:{team}:held` stands while Slack wants none. The first three are permanent, and hold what
is outstanding only.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.model import TeamId
from bot.scheduling.job import RATE_LIMITED_JOBS, Job, JobName, LeasedJob
from bot.storage.connection import Connection, Store, moment_ms, reaching_redis, span_ms

LEASE = timedelta(seconds=30)
"""How long an errand may take before it counts as lost with its process."""
LOOKED_AT = 1000
"""Errands that are looked at when some are taken."""
MINUTE = timedelta(seconds=60.5)
"""Slack's, and the half second by which two calls may be apart otherwise there than here."""
TURNS = 50
"""Calls of `chat.update` a minute and workspace (https://docs.slack.dev/apis/web-api/rate-limits, tier 3)."""
TURNS_THAT_CAN_WAIT = 35
"""Of these for all but final states, which so find room at once in all but the busiest minutes."""
RANKS = {JobName.CARD_END: 0, JobName.RECEIPT: 1, JobName.PROGRESS: 1, JobName.CARD_TICK: 2, JobName.EARLIER: 3}
"""What goes first."""
RANK = 10**13
"""More than any moment in milliseconds."""

# Returns what is due, each with its moment, and leaves it on the agenda until its lease ends: not more than there are
# hands, for what only waits would be given out twice. All that has to wait for its turn moves on to the drawings, where
# it keeps its better place.
TAKE = """
local ranks = cjson.decode(ARGV[4])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local taken, hands = {}, tonumber(ARGV[6])
for i = 1, #due, 2 do
  local rank = ranks[string.match(due[i], '^[^:]*')]
  if rank then
    redis.call('ZREM', KEYS[1], due[i])
    redis.call('ZADD', KEYS[2], 'LT', rank * tonumber(ARGV[5]) + tonumber(due[i + 1]), due[i])
  elseif hands > 0 then
    redis.call('ZADD', KEYS[1], ARGV[2], due[i])
  end
  if rank or hands > 0 then
    hands = rank and hands or hands - 1
    table.insert(taken, due[i])
    table.insert(taken, due[i + 1])
  end
end
return taken
"""

# Takes an errand off the agenda unless it was planned anew while it ran.
DONE = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
"""

# Returns whose turn it is, or how many milliseconds nobody's, or nothing where nobody waits. What is being drawn waits
# until that is over.
TURN = """
local now = tonumber(ARGV[1])
for _, lost in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('ZADD', KEYS[1], 'LT', now, lost)
  redis.call('ZREM', KEYS[2], lost)
end
local first = {}
for _, one in ipairs(redis.call('ZRANGE', KEYS[1], 0, 99)) do
  if not redis.call('ZSCORE', KEYS[2], one) then
    first = {one, redis.call('ZSCORE', KEYS[1], one)}
    break
  end
end
if #first == 0 then return false end
local held = tonumber(redis.call('GET', KEYS[4]) or 0)
if held > now then return held - now end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[4]))
local limit = tonumber(first[2]) < tonumber(ARGV[7]) and tonumber(ARGV[5]) or tonumber(ARGV[6])
if redis.call('ZCARD', KEYS[3]) >= limit then
  local leaves = redis.call('ZRANGE', KEYS[3], -limit, -limit, 'WITHSCORES')
  return math.max(1, tonumber(leaves[2]) + tonumber(ARGV[4]) - now)
end
redis.call('ZADD', KEYS[3], now, ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[8])
redis.call('ZREM', KEYS[1], first[1])
redis.call('ZADD', KEYS[2], ARGV[2], first[1])
return first[1]
"""


class JobQueue(Store):
    """Hands out what is due, each errand to one process at a time, and again if that one dies."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._take, self._done, self._turn = map(self._redis.register_script, (TAKE, DONE, TURN))

    @reaching_redis
    async def plan(self, team: TeamId, errand: Job, *, at: datetime, unless_planned: bool = False) -> None:
        """Put an errand on the agenda, or move it there, if it may be moved."""
        await self._redis.zadd(queue_key(team), {job_entry(errand): moment_ms(at)}, nx=unless_planned)

    @reaching_redis
    async def cancel(self, team: TeamId, errand: Job) -> None:
        """Take an errand off, wherever it stands."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(queue_key(team), job_entry(errand))
            pipe.zrem(_key(team, "drawings"), job_entry(errand))
            await pipe.execute()

    @reaching_redis
    async def lease(self, team: TeamId, *, now: datetime, at_most: int) -> tuple[LeasedJob, ...]:
        """Return so much of what is due, for as long as the lease; all that has to wait for its turn begins to."""
        lease = moment_ms(now + LEASE) + 0.5  # which no moment has that an errand is planned for
        args: list[str | float] = [moment_ms(now), lease, LOOKED_AT, _RANKS, RANK, at_most]
        rows: Sequence[str] = await self._take(keys=[queue_key(team), _key(team, "drawings")], args=args)
        return tuple(
            LeasedJob(_errand(rows[n]), datetime.fromtimestamp(float(rows[n + 1]) / 1000, now.tzinfo), lease)
            for n in range(0, len(rows), 2)
        )

    @reaching_redis
    async def complete(self, team: TeamId, taken: LeasedJob) -> None:
        """Take an errand off the agenda, unless it was planned anew meanwhile."""
        await self._done(keys=[queue_key(team)], args=[job_entry(taken.job), taken.lease])

    @reaching_redis
    async def acquire_slot(self, team: TeamId, *, now: datetime) -> Job | timedelta | None:
        """Return what has its turn at `chat.update`, or how long nothing has, or None where nothing waits."""
        keys = [_key(team, name) for name in ("drawings", "drawn", "pace", "held")]
        window = span_ms(MINUTE)
        args: list[str | int] = [moment_ms(now), moment_ms(now + LEASE), secrets.token_hex(8), window]
        args += [TURNS, TURNS_THAT_CAN_WAIT, RANK, window]
        found = await self._turn(keys=keys, args=args)
        return timedelta(milliseconds=found) if isinstance(found, int) else _errand(found) if found else None

    @reaching_redis
    async def release_slot(self, team: TeamId, errand: Job) -> None:
        """Take note that a turn was used."""
        await self._redis.zrem(_key(team, "drawn"), job_entry(errand))

    @reaching_redis
    async def pause(self, team: TeamId, *, until: datetime, span: timedelta) -> None:
        """Let nothing have its turn for a while, because Slack says so."""
        await self._redis.set(_key(team, "held"), moment_ms(until), px=span)

    @reaching_redis
    async def has_due(self, team: TeamId, *, now: datetime) -> bool:
        """Tell whether anything is due, or waits for its turn."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zcount(queue_key(team), "-inf", moment_ms(now))
            pipe.zcard(_key(team, "drawings"))
            pipe.zcount(_key(team, "drawn"), "-inf", moment_ms(now))
            return any(await pipe.execute())

    @reaching_redis
    async def count(self, team: TeamId, *kinds: JobName) -> int:
        """Count what stands on the agenda of some kinds."""
        entries = await self._redis.zrange(queue_key(team), 0, -1)
        return sum(_errand(str(one)).name in kinds for one in entries)


def queue_key(team: TeamId) -> str:
    """Return the key of a workspace's agenda, for the stores that add to it in transactions of their own."""
    return _key(team, "agenda")


def job_entry(errand: Job) -> str:
    """Return an errand as it stands in the agenda."""
    return f"{errand.name}:{errand.id}"


def _key(team: TeamId, name: str) -> str:
    return f"connectbot:{{{team}}}:{name}"


def _errand(text: str) -> Job:
    kind, _, thing = text.partition(":")
    return Job(JobName(kind), thing)


_RANKS = "{" + ", ".join(f'"{kind}": {RANKS[kind]}' for kind in sorted(RATE_LIMITED_JOBS)) + "}"
