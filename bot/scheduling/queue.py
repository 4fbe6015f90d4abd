"""The job queue: which jobs are due, which process does them, and how many may call `chat.update` in a minute.

`connectbot:{team}:jobs` is a sorted set of `name:id` by the due moment in milliseconds; a leased job stands at the end
of its lease. A job that has a rank calls `chat.update`, which Slack limits. Once due it moves to
`connectbot:{team}:updates`, sorted by rank and moment, and from there to `connectbot:{team}:updating`, sorted by the
end of its lease, when it gets a slot. `connectbot:{team}:jobs_set_aside` has the jobs that failed too often. These
have no expiry. `connectbot:{team}:job_failures` and `connectbot:{team}:job_refusals` count the failures of a job and
Slack's refusals of it, `connectbot:{team}:update_slots` has the slots of the last minute, and
`connectbot:{team}:updates_paused` exists while Slack answers 429.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from redis.asyncio.client import Pipeline

from bot.core.model import TeamId
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import Job, JobName, Leased, LeasedJob
from bot.storage.connection import Connection, Store, moment_ms, redis_errors_mapped, span_ms

JOB_LEASE = timedelta(seconds=30)
"""After this a job that isn't completed is given to another process."""
SCANNED = 1000
"""Due jobs that one call of `lease` looks at."""
CONCURRENT_UPDATES = 3
"""Calls of `chat.update` side by side in one workspace: what was connected is looked up first, which may take 2 s."""
MINUTE = timedelta(seconds=60.5)
"""Slack's minute, and half a second because two calls may arrive closer together than they were sent."""
UPDATES_PER_MINUTE = 50
"""Calls of `chat.update` per workspace (https://docs.slack.dev/apis/web-api/rate-limits, tier 3)."""
REFRESHES_PER_MINUTE = 35
"""The share of these for every rank but 0, so that final states find a free slot in all but the busiest minutes."""
RANK_WEIGHT = 10**13
"""More than any moment in milliseconds, so that the rank decides first."""
MOST_FAILURES = 5
"""A job that failed so often, or whose process died so often, is set aside."""
FAILURES_KEPT = timedelta(days=1)

# Returns the jobs leased with their moments, the jobs that got a slot at `chat.update`, the jobs set aside, the moments
# of the jobs that were leased or began to wait for a slot, and when the workspace has more to do. Only as many jobs are
# leased as there are free coroutines: one that waits for a coroutine after its lease would be done twice. A score with
# half a millisecond is the end of a lease.
LEASE_SCRIPT = """
local jobs, updates, updating, slots, paused, failures, aside = unpack(KEYS)
local now, lease, ranks, weight = tonumber(ARGV[1]), ARGV[2], cjson.decode(ARGV[3]), tonumber(ARGV[6])
local free, minute = tonumber(ARGV[4]), tonumber(ARGV[8])
local leased, with_slot, set_aside, unranked, came_due, next_due = {}, {}, {}, {}, {}, nil

local function look_again(at)
  if at and (not next_due or tonumber(at) < next_due) then next_due = tonumber(at) end
end
local function failed_too_often(job)
  local times = redis.call('HINCRBY', failures, job, 1)
  redis.call('PEXPIRE', failures, ARGV[13])
  if times < tonumber(ARGV[9]) then return false end
  redis.call('HDEL', failures, job)
  redis.call('ZREM', jobs, job)
  redis.call('ZADD', aside, now, job)
  table.insert(set_aside, job)
  return true
end

for _, lost in ipairs(redis.call('ZRANGEBYSCORE', updating, '-inf', now)) do
  redis.call('ZREM', updating, lost)
  if not failed_too_often(lost) then redis.call('ZADD', jobs, 'LT', now, lost) end
end
local due = redis.call('ZRANGEBYSCORE', jobs, '-inf', now, 'WITHSCORES', 'LIMIT', 0, ARGV[5])
for i = 1, #due, 2 do
  local rank = ranks[string.match(due[i], '^[^:]*')]
  if rank then
    redis.call('ZREM', jobs, due[i])
    redis.call('ZADD', updates, 'LT', rank * weight + tonumber(due[i + 1]), due[i])
    table.insert(came_due, due[i + 1])
  else
    table.insert(unranked, {due[i], due[i + 1]})
  end
end

-- A job that is updating is skipped: its next update waits until this one has ended.
local function first_waiting()
  for _, job in ipairs(redis.call('ZRANGE', updates, 0, 99)) do
    if not redis.call('ZSCORE', updating, job) then return job, tonumber(redis.call('ZSCORE', updates, job)) end
  end
end
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now - minute)
while free > 0 and redis.call('ZCARD', updating) < tonumber(ARGV[7]) do
  local job, score = first_waiting()
  if not job then break end
  local limit = score < weight and tonumber(ARGV[10]) or tonumber(ARGV[11])
  local used, paused_until = redis.call('ZCARD', slots), tonumber(redis.call('GET', paused) or 0)
  if paused_until > now then look_again(paused_until) break end
  if used >= limit then
    look_again(math.max(now + 1, redis.call('ZRANGE', slots, -limit, -limit, 'WITHSCORES')[2] + minute))
    break
  end
  redis.call('ZADD', slots, now, ARGV[12] .. used)
  redis.call('PEXPIRE', slots, minute)
  redis.call('ZREM', updates, job)
  redis.call('ZADD', updating, lease, job)
  free = free - 1
  table.insert(with_slot, {job, string.format('%.1f', score % weight)})
end
if free <= 0 and redis.call('ZCARD', updates) > 0 then look_again(now) end

for _, one in ipairs(unranked) do
  if free > 0 and (tonumber(one[2]) % 1 == 0 or not failed_too_often(one[1])) then
    redis.call('ZADD', jobs, lease, one[1])
    free = free - 1
    table.insert(leased, one)
    table.insert(came_due, one[2])
  end
end
look_again(redis.call('ZRANGE', jobs, 0, 0, 'WITHSCORES')[2])
look_again(redis.call('ZRANGE', updating, 0, 0, 'WITHSCORES')[2])
return {leased, with_slot, set_aside, came_due, next_due and string.format('%.1f', next_due) or false}
"""

# Removes a job unless it was planned again while it ran, whether or not that was leased meanwhile.
COMPLETE_SCRIPT = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
if ARGV[3] == '1' then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
end
"""

RENEW_SCRIPT = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
"""

HAND_BACK_SCRIPT = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('ZADD', KEYS[2], 'LT', ARGV[3], ARGV[1])
end
"""


class JobQueue(Store):
    """Gives each due job of a workspace to one process, and to another if that one dies.

    `ranks` has the jobs that call `chat.update`; the lowest rank goes first.
    """

    def __init__(self, connection: Connection, ranks: Mapping[JobName, int]) -> None:
        super().__init__(connection)
        self._ranks = json.dumps(ranks)
        register = self._redis.register_script
        self._lease, self._complete = register(LEASE_SCRIPT), register(COMPLETE_SCRIPT)
        self._renew, self._hand_back = register(RENEW_SCRIPT), register(HAND_BACK_SCRIPT)

    @redis_errors_mapped
    async def plan(self, team: TeamId, job: Job, *, at: datetime, unless_planned: bool = False) -> None:
        """Add a job, or move it to `at` unless `unless_planned`."""
        async with self.connection.transaction() as pipe:
            add_job(pipe, self.connection, team, job, at=at, unless_planned=unless_planned)
            await pipe.execute()

    @redis_errors_mapped
    async def cancel(self, team: TeamId, job: Job) -> None:
        """Remove a job, whether it is due or not."""
        async with self.connection.transaction() as pipe:
            pipe.zrem(queue_key(team), job_entry(job))
            pipe.zrem(_key(team, "updates"), job_entry(job))
            await pipe.execute()

    @redis_errors_mapped
    async def lease(self, team: TeamId, *, now: datetime, at_most: int) -> Leased:
        """Lease at most `at_most` jobs that are due, `chat.update` calls as far as Slack's limit allows."""
        lease = _lease_end(now)
        names = ("jobs", "updates", "updating", "update_slots", "updates_paused", "job_failures", "jobs_set_aside")
        args: list[str | float] = [moment_ms(now), lease, self._ranks, at_most, SCANNED, RANK_WEIGHT]
        args += [CONCURRENT_UPDATES, span_ms(MINUTE), MOST_FAILURES, UPDATES_PER_MINUTE, REFRESHES_PER_MINUTE]
        keys = [_key(team, name) for name in names]
        args += [secrets.token_hex(8), span_ms(FAILURES_KEPT)]
        leased, with_slot, aside, came_due, next_due = await self._lease(keys=keys, args=args)
        jobs = [LeasedJob(_job(entry), _moment(due, now), lease, has_slot=False) for entry, due in leased]
        updates = [LeasedJob(_job(entry), _moment(due, now), lease, has_slot=True) for entry, due in with_slot]
        return Leased(
            (*jobs, *updates),
            tuple(map(_job, aside)),
            came_due=tuple(_moment(due, now) for due in came_due),
            next_due=_moment(next_due, now) if next_due else None,
        )

    @redis_errors_mapped
    async def complete(self, team: TeamId, leased: LeasedJob, *, succeeded: bool) -> None:
        """Remove a job that is done, unless it was planned again meanwhile; its slot counts until its minute ends.

        Success forgets earlier failures.
        """
        keys = [_lease_key(team, leased), _key(team, "job_failures"), _key(team, "job_refusals")]
        await self._complete(keys=keys, args=[job_entry(leased.job), leased.lease, int(succeeded)])

    @redis_errors_mapped
    async def renew(self, team: TeamId, leased: LeasedJob, *, now: datetime) -> LeasedJob:
        """Lease a job for longer, because it still runs; return it with its new lease."""
        lease = _lease_end(now)
        await self._renew(keys=[_lease_key(team, leased)], args=[job_entry(leased.job), leased.lease, lease])
        return replace(leased, lease=lease)

    @redis_errors_mapped
    async def hand_back(self, team: TeamId, leased: LeasedJob, *, now: datetime) -> None:
        """Make a leased job due again, because this process can't complete it."""
        args: list[str | float] = [job_entry(leased.job), leased.lease, moment_ms(now)]
        await self._hand_back(keys=[_lease_key(team, leased), queue_key(team)], args=args)

    async def count_failure(self, team: TeamId, job: Job) -> int:
        """Return how often a job has failed since it was last completed, this failure included."""
        return await self._count(_key(team, "job_failures"), job)

    async def count_refusal(self, team: TeamId, job: Job) -> int:
        """Return how often Slack has refused a job since it was last completed, this refusal included."""
        return await self._count(_key(team, "job_refusals"), job)

    @redis_errors_mapped
    async def set_aside(self, team: TeamId, job: Job, *, now: datetime) -> None:
        """Keep a job that failed too often apart from those that are planned."""
        await self._redis.zadd(_key(team, "jobs_set_aside"), {job_entry(job): moment_ms(now)})

    @redis_errors_mapped
    async def pause(self, team: TeamId, *, until: datetime, span: timedelta) -> None:
        """Give out no slot until a moment, because Slack answered 429."""
        await self._redis.set(_key(team, "updates_paused"), moment_ms(until), px=span)

    @redis_errors_mapped
    async def count(self, team: TeamId, *names: JobName) -> int:
        """Count the jobs of some names that aren't done, without those that wait for a slot."""
        entries = await self._redis.zrange(queue_key(team), 0, -1)
        return sum(_job(str(entry)).name in names for entry in entries)

    @redis_errors_mapped
    async def _count(self, key: str, job: Job) -> int:
        async with self.connection.transaction() as pipe:
            pipe.hincrby(key, job_entry(job), 1)
            pipe.pexpire(key, FAILURES_KEPT)
            return int((await pipe.execute())[0])


def add_job(
    pipe: Pipeline, connection: Connection, team: TeamId, job: Job, *, at: datetime, unless_planned: bool = False
) -> None:
    """Plan a job in a transaction of a store's own; `Scheduler.wake` has to follow.

    The index of due workspaces is part of the transaction, except on a Cluster, where it lies on another server.
    """
    pipe.zadd(queue_key(team), {job_entry(job): moment_ms(at)}, nx=unless_planned)
    if not connection.clustered:
        pipe.zadd(DUE, {team: moment_ms(at)}, lt=True)


def queue_key(team: TeamId) -> str:
    """Return the key of a workspace's jobs, for stores that plan one in a transaction of their own."""
    return _key(team, "jobs")


def job_entry(job: Job) -> str:
    """Return a job as the queue keeps it."""
    return f"{job.name}:{job.id}"


def _key(team: TeamId, name: str) -> str:
    return f"connectbot:{{{team}}}:{name}"


def _lease_key(team: TeamId, leased: LeasedJob) -> str:
    return _key(team, "updating" if leased.has_slot else "jobs")


def _lease_end(now: datetime) -> float:
    return moment_ms(now + JOB_LEASE) + 0.5  # no job is planned for half a millisecond


def _moment(score: str | float, now: datetime) -> datetime:
    return datetime.fromtimestamp(float(score) / 1000, now.tzinfo)


def _job(entry: str) -> Job:
    name, _, thing = entry.partition(":")
    return Job(JobName(name), thing)
