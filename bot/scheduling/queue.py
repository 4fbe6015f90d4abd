"""The job queue: which jobs are due, which process does them, and how many may call `chat.update` in a minute.

`connectbot:{team}:jobs` is a sorted set of `name:id` by the due moment in milliseconds; a leased job stands at the end
of its lease. A job that has a rank calls `chat.update`, which Slack limits. Once due it moves to
`connectbot:{team}:updates`, sorted by rank and moment, and from there to `connectbot:{team}:updating`, sorted by the
end of its lease, when it gets a slot. `connectbot:{team}:jobs_set_aside` has the jobs that failed too often, by the
moment of the last failure (outstanding.py). These have no expiry. `connectbot:{team}:job_failures` and
`connectbot:{team}:job_refusals` count the failures of a job and Slack's refusals of it,
`connectbot:{team}:update_slots` has the slots of the last minute, and `connectbot:{team}:updates_paused` exists while
Slack answers 429.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from redis.asyncio.client import Pipeline

from bot.core.model import TeamId
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import IfPlanned, Job, JobName, Leased, LeasedJob
from bot.scheduling.scripts import COMPLETE_SCRIPT, HAND_BACK_SCRIPT, LEASE_SCRIPT, RENEW_SCRIPT
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped, span_ms
from bot.storage.damage import Shape

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
PAUSES = tuple(min(timedelta(seconds=30) * 2**times, timedelta(hours=4)) for times in range(14))
"""After each failure of a job for an unknown reason. After the last of them, a day in all, it is set aside."""
DEATHS_AT_ONCE = 4
"""So many times a job whose process died is done again at once: a kill isn't its fault. Later deaths count as above."""
FAILURES_KEPT = timedelta(days=7)

RESTORE_JOBS = JobName("restore_jobs")
"""Plan the jobs of a workspace again, because a list of them was lost. Its id means nothing."""
LISTS = ("jobs", "updates", "updating", "jobs_set_aside")
COUNTS = ("job_failures", "job_refusals")


class JobQueue(Store):
    """Gives each due job of a workspace to one process, and to another if that one dies.

    `ranks` has the jobs that call `chat.update`; the lowest rank goes first.
    """

    shapes = (
        *(Shape(name, "zset", calls_for=("jobs", f"{RESTORE_JOBS}:")) for name in LISTS),
        Shape("update_slots", "zset"),
        *(Shape(name, "hash", lambda _, times: int(times)) for name in COUNTS),
        Shape("updates_paused", "string", lambda _, until: float(until)),
    )

    def __init__(self, connection: Connection, ranks: Mapping[JobName, int]) -> None:
        super().__init__(connection)
        self._ranks = json.dumps(ranks)
        register = self._redis.register_script
        self._lease, self._complete = register(LEASE_SCRIPT), register(COMPLETE_SCRIPT)
        self._renew, self._hand_back = register(RENEW_SCRIPT), register(HAND_BACK_SCRIPT)

    @redis_errors_mapped
    async def plan(self, team: TeamId, job: Job, *, at: datetime, if_planned: IfPlanned = "move") -> None:
        """Add a job, or do with the one that is planned what `if_planned` says."""
        async with self.connection.transaction() as pipe:
            add_job(pipe, self.connection, team, job, at=at, if_planned=if_planned)
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
        args += [CONCURRENT_UPDATES, span_ms(MINUTE), json.dumps([span_ms(pause) for pause in PAUSES])]
        keys = [_key(team, name) for name in names]
        args += [UPDATES_PER_MINUTE, REFRESHES_PER_MINUTE]
        args += [secrets.token_hex(8), span_ms(FAILURES_KEPT), DEATHS_AT_ONCE]
        leased, with_slot, aside, came_due, next_due = await self._lease(keys=keys, args=args)
        jobs = [LeasedJob(job_of(entry), moment_of(due), lease, has_slot=False) for entry, due in leased]
        updates = [LeasedJob(job_of(entry), moment_of(due), lease, has_slot=True) for entry, due in with_slot]
        return Leased(
            (*jobs, *updates),
            tuple(map(job_of, aside)),
            came_due=tuple(moment_of(due) for due in came_due),
            next_due=moment_of(next_due) if next_due else None,
        )

    @redis_errors_mapped
    async def complete(self, team: TeamId, leased: LeasedJob, *, succeeded: bool) -> None:
        """Remove a job that is done, unless it was planned again meanwhile; its slot counts until its minute ends.

        Success forgets earlier failures.
        """
        keys = [_lease_key(team, leased), failures_key(team), _key(team, "job_refusals")]
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
        return await self._count(failures_key(team), job)

    async def count_refusal(self, team: TeamId, job: Job) -> int:
        """Return how often Slack has refused a job since it was last completed, this refusal included."""
        return await self._count(_key(team, "job_refusals"), job)

    @redis_errors_mapped
    async def pause(self, team: TeamId, *, until: datetime, span: timedelta) -> None:
        """Give out no slot until a moment, because Slack answered 429."""
        await self._redis.set(_key(team, "updates_paused"), moment_ms(until), px=span)

    @redis_errors_mapped
    async def count(self, team: TeamId, *names: JobName) -> int:
        """Count the jobs of some names that aren't done, without those that wait for a slot."""
        entries = await self._redis.zrange(queue_key(team), 0, -1)
        return sum(job_of(str(entry)).name in names for entry in entries)

    @redis_errors_mapped
    async def _count(self, key: str, job: Job) -> int:
        async with self.connection.transaction() as pipe:
            pipe.hincrby(key, job_entry(job), 1)
            pipe.pexpire(key, FAILURES_KEPT)
            return int((await pipe.execute())[0])


def add_job(
    pipe: Pipeline, connection: Connection, team: TeamId, job: Job, *, at: datetime, if_planned: IfPlanned = "move"
) -> None:
    """Plan a job in a transaction of a store's own; `Scheduler.wake` has to follow.

    The index of due workspaces is part of the transaction, except on a Cluster, where it lies on another server.
    """
    pipe.zadd(queue_key(team), {job_entry(job): moment_ms(at)}, nx=if_planned == "keep", lt=if_planned == "sooner")
    if not connection.clustered:
        pipe.zadd(DUE, {team: moment_ms(at)}, lt=True)


def queue_key(team: TeamId) -> str:
    """Return the key of a workspace's jobs, for stores that plan one in a transaction of their own."""
    return _key(team, "jobs")


def waiting_key(team: TeamId) -> str:
    """Return the key of the jobs that wait for a slot at `chat.update`."""
    return _key(team, "updates")


def set_aside_key(team: TeamId) -> str:
    """Return the key of the jobs that failed too often."""
    return _key(team, "jobs_set_aside")


def failures_key(team: TeamId) -> str:
    """Return the key of how often each job has failed."""
    return _key(team, "job_failures")


def job_entry(job: Job) -> str:
    """Return a job as the queue keeps it."""
    return f"{job.name}:{job.id}"


def job_of(entry: str) -> Job:
    """Return the job of an entry."""
    name, _, thing = entry.partition(":")
    return Job(JobName(name), thing)


def _key(team: TeamId, name: str) -> str:
    return f"connectbot:{{{team}}}:{name}"


def _lease_key(team: TeamId, leased: LeasedJob) -> str:
    return _key(team, "updating" if leased.has_slot else "jobs")


def _lease_end(now: datetime) -> float:
    return moment_ms(now + JOB_LEASE) + 0.5  # no job is planned for half a millisecond
