"""The job queue: which jobs are due, which process does them, and how many may call `chat.update` in a minute.

`connectbot:{team}:jobs` is a sorted set of `name:id` by the due moment in milliseconds. A job that has a rank calls
`chat.update`, which Slack limits. Once due it moves to `connectbot:{team}:updates`, sorted by rank and moment, and
from there to `connectbot:{team}:updating`, sorted by the end of its lease, when it gets a slot. These three have no
expiry and hold outstanding jobs only. `connectbot:{team}:update_slots` has the slots of the last minute, and
`connectbot:{team}:updates_paused` exists while Slack answers 429.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.core.model import TeamId
from bot.scheduling.job import Job, JobName, LeasedJob
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped, span_ms

JOB_LEASE = timedelta(seconds=30)
"""After this a job that isn't completed is given to another process."""
SCANNED = 1000
"""Due jobs that one call of `lease` looks at."""
MINUTE = timedelta(seconds=60.5)
"""Slack's minute, and half a second because two calls may arrive closer together than they were sent."""
UPDATES_PER_MINUTE = 50
"""Calls of `chat.update` per workspace (https://docs.slack.dev/apis/web-api/rate-limits, tier 3)."""
REFRESHES_PER_MINUTE = 35
"""The share of these for every rank but 0, so that final states find a free slot in all but the busiest minutes."""
RANK_WEIGHT = 10**13
"""More than any moment in milliseconds, so that the rank decides first."""

# Returns due jobs with their moments. At most ARGV[6] of them are leased, because a job leased before a coroutine is
# free for it could be given out twice. Ranked jobs move to the updates, where they keep their best position.
LEASE_SCRIPT = """
local ranks = cjson.decode(ARGV[4])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local found, free = {}, tonumber(ARGV[6])
for i = 1, #due, 2 do
  local rank = ranks[string.match(due[i], '^[^:]*')]
  if rank then
    redis.call('ZREM', KEYS[1], due[i])
    redis.call('ZADD', KEYS[2], 'LT', rank * tonumber(ARGV[5]) + tonumber(due[i + 1]), due[i])
  elseif free > 0 then
    redis.call('ZADD', KEYS[1], ARGV[2], due[i])
  end
  if rank or free > 0 then
    free = rank and free or free - 1
    table.insert(found, due[i])
    table.insert(found, due[i + 1])
  end
end
return found
"""

# Removes a job unless it was planned again while it ran.
COMPLETE_SCRIPT = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
"""

# Returns the job that got a slot, or the milliseconds until a slot frees, or false if no job waits. A job that is
# updating is skipped: its next update waits until this one has ended.
SLOT_SCRIPT = """
local now = tonumber(ARGV[1])
for _, lost in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
  redis.call('ZADD', KEYS[1], 'LT', now, lost)
  redis.call('ZREM', KEYS[2], lost)
end
local first = {}
for _, job in ipairs(redis.call('ZRANGE', KEYS[1], 0, 99)) do
  if not redis.call('ZSCORE', KEYS[2], job) then
    first = {job, redis.call('ZSCORE', KEYS[1], job)}
    break
  end
end
if #first == 0 then return false end
local paused = tonumber(redis.call('GET', KEYS[4]) or 0)
if paused > now then return paused - now end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - tonumber(ARGV[4]))
local limit = tonumber(first[2]) < tonumber(ARGV[7]) and tonumber(ARGV[5]) or tonumber(ARGV[6])
if redis.call('ZCARD', KEYS[3]) >= limit then
  local oldest = redis.call('ZRANGE', KEYS[3], -limit, -limit, 'WITHSCORES')
  return math.max(1, tonumber(oldest[2]) + tonumber(ARGV[4]) - now)
end
redis.call('ZADD', KEYS[3], now, ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[8])
redis.call('ZREM', KEYS[1], first[1])
redis.call('ZADD', KEYS[2], ARGV[2], first[1])
return first[1]
"""


class JobQueue(Store):
    """Gives each due job to one process, and to another if that one dies.

    `ranks` has the jobs that call `chat.update`; the lowest rank goes first.
    """

    def __init__(self, connection: Connection, ranks: Mapping[JobName, int]) -> None:
        super().__init__(connection)
        self._ranks = json.dumps(ranks)
        scripts = (LEASE_SCRIPT, COMPLETE_SCRIPT, SLOT_SCRIPT)
        self._lease, self._complete, self._acquire = map(self._redis.register_script, scripts)

    @redis_errors_mapped
    async def plan(self, team: TeamId, job: Job, *, at: datetime, unless_planned: bool = False) -> None:
        """Add a job, or move it to `at` unless `unless_planned`."""
        await self._redis.zadd(queue_key(team), {job_entry(job): moment_ms(at)}, nx=unless_planned)

    @redis_errors_mapped
    async def cancel(self, team: TeamId, job: Job) -> None:
        """Remove a job, whether it is due or not."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(queue_key(team), job_entry(job))
            pipe.zrem(_key(team, "updates"), job_entry(job))
            await pipe.execute()

    @redis_errors_mapped
    async def lease(self, team: TeamId, *, now: datetime, at_most: int) -> tuple[LeasedJob, ...]:
        """Lease at most `at_most` due jobs, and move all ranked ones to the updates; return both."""
        lease = moment_ms(now + JOB_LEASE) + 0.5  # no job is planned for half a millisecond
        args: list[str | float] = [moment_ms(now), lease, SCANNED, self._ranks, RANK_WEIGHT, at_most]
        rows: Sequence[str] = await self._lease(keys=[queue_key(team), _key(team, "updates")], args=args)
        return tuple(
            LeasedJob(_job(rows[n]), datetime.fromtimestamp(float(rows[n + 1]) / 1000, now.tzinfo), lease)
            for n in range(0, len(rows), 2)
        )

    @redis_errors_mapped
    async def complete(self, team: TeamId, leased: LeasedJob) -> None:
        """Remove a job that is done, unless it was planned again meanwhile."""
        await self._complete(keys=[queue_key(team)], args=[job_entry(leased.job), leased.lease])

    @redis_errors_mapped
    async def acquire_slot(self, team: TeamId, *, now: datetime) -> Job | timedelta | None:
        """Acquire a `chat.update` slot: the next job, the wait until a slot frees, or None if no job waits."""
        keys = [_key(team, name) for name in ("updates", "updating", "update_slots", "updates_paused")]
        window = span_ms(MINUTE)
        args: list[str | int] = [moment_ms(now), moment_ms(now + JOB_LEASE), secrets.token_hex(8), window]
        args += [UPDATES_PER_MINUTE, REFRESHES_PER_MINUTE, RANK_WEIGHT, window]
        found = await self._acquire(keys=keys, args=args)
        return timedelta(milliseconds=found) if isinstance(found, int) else _job(found) if found else None

    @redis_errors_mapped
    async def release_slot(self, team: TeamId, job: Job) -> None:
        """Record that a job has made its update; the slot counts for the rest of its minute."""
        await self._redis.zrem(_key(team, "updating"), job_entry(job))

    @redis_errors_mapped
    async def pause(self, team: TeamId, *, until: datetime, span: timedelta) -> None:
        """Give out no slot until a moment, because Slack answered 429."""
        await self._redis.set(_key(team, "updates_paused"), moment_ms(until), px=span)

    @redis_errors_mapped
    async def has_due(self, team: TeamId, *, now: datetime) -> bool:
        """Return whether a job is due, waits for a slot or has lost its process."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zcount(queue_key(team), "-inf", moment_ms(now))
            pipe.zcard(_key(team, "updates"))
            pipe.zcount(_key(team, "updating"), "-inf", moment_ms(now))
            return any(await pipe.execute())

    @redis_errors_mapped
    async def count(self, team: TeamId, *names: JobName) -> int:
        """Count the jobs of some names that aren't done, without those that wait for a slot."""
        entries = await self._redis.zrange(queue_key(team), 0, -1)
        return sum(_job(str(entry)).name in names for entry in entries)


def queue_key(team: TeamId) -> str:
    """Return the key of a workspace's jobs, for stores that plan one in a transaction of their own."""
    return _key(team, "jobs")


def job_entry(job: Job) -> str:
    """Return a job as the queue keeps it."""
    return f"{job.name}:{job.id}"


def _key(team: TeamId, name: str) -> str:
    return f"connectbot:{{{team}}}:{name}"


def _job(entry: str) -> Job:
    name, _, thing = entry.partition(":")
    return Job(JobName(name), thing)
