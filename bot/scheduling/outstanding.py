"""What is planned, late or set aside in a workspace, as operators see it, and how they have it done again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.model import TeamId
from bot.scheduling.job import Job
from bot.scheduling.queue import (
    add_job,
    failures_key,
    job_entry,
    job_of,
    queue_key,
    set_aside_key,
    waiting_key,
)
from bot.storage.connection import Store, moment_ms, moment_of, redis_errors_mapped


@dataclass(frozen=True, slots=True)
class Outstanding:
    """The jobs of a workspace that aren't done; moments are in UTC.

    `planned` counts those with a moment, of which the first is due at `next_due`; `waiting` counts those that wait for
    a slot at `chat.update`. `set_aside` are those that failed too often, by the moment of the last failure.
    """

    planned: int
    next_due: datetime | None
    waiting: int
    set_aside: dict[Job, datetime]


class OutstandingJobs(Store):
    """Reads the jobs that aren't done, sets jobs aside and plans them again."""

    @redis_errors_mapped
    async def of(self, team: TeamId) -> Outstanding:
        """Return what a workspace has outstanding."""
        found: Any = await asyncio.gather(
            self._redis.zcard(queue_key(team)),
            self._redis.zrange(queue_key(team), 0, 0, withscores=True),
            self._redis.zcard(waiting_key(team)),
            self._redis.zrange(set_aside_key(team), 0, -1, withscores=True),
        )
        planned, first, waiting, aside = found
        next_due = moment_of(first[0][1]) if first else None
        return Outstanding(planned, next_due, waiting, {job_of(entry): moment_of(at) for entry, at in aside})

    @redis_errors_mapped
    async def retry(self, team: TeamId, jobs: Sequence[Job], *, now: datetime) -> None:
        """Plan jobs for now that were set aside; `Scheduler.wake` has to follow."""
        async with self.connection.transaction() as pipe:
            for job in jobs:
                add_job(pipe, self.connection, team, job, at=now)
                pipe.zrem(set_aside_key(team), job_entry(job))
            await pipe.execute()

    @redis_errors_mapped
    async def set_aside(self, team: TeamId, job: Job, *, now: datetime) -> None:
        """Keep a job that failed too often apart from those that are planned, and forget its failures."""
        async with self.connection.transaction() as pipe:
            pipe.zadd(set_aside_key(team), {job_entry(job): moment_ms(now)})
            pipe.hdel(failures_key(team), job_entry(job))
            await pipe.execute()
