"""A process with a scheduler and a worker, and what the tests of these wait for."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.scheduling.due_workspaces import DUE, WAKE, DueWorkspaces
from bot.scheduling.job import Job, JobName
from bot.scheduling.queue import JOB_LEASE, JobQueue, queue_key
from bot.scheduling.scheduler import Scheduler, WorkerTimings
from bot.scheduling.worker import Worker
from bot.storage.connection import Connection
from tests.clock import ManualClock
from tests.eventually import eventually

TEAM, OTHER_TEAM = TeamId("T1"), TeamId("T2")
WORK, UPDATE = JobName("work"), JobName("update")
JOB = Job(WORK, "a")
SLOW_POLL = WorkerTimings(poll=timedelta(seconds=30))
"""With it nothing is found by polling within a test."""


class Process:
    """A scheduler and a worker, as one process has them; the worker notes what it does."""

    def __init__(self, redis: Connection, clock: ManualClock, timings: WorkerTimings) -> None:
        queue = JobQueue(redis, {UPDATE: 0})
        self.scheduler = Scheduler(queue, DueWorkspaces(redis), clock, timings)
        self.worker = Worker(self.scheduler, run=self._run, metrics=Metrics())
        self.begun: list[tuple[TeamId, Job]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.started = asyncio.Event()

    async def on_start(self) -> None:
        self.started.set()

    async def did(self, count: int) -> list[Job]:
        async def look() -> bool:
            return len(self.begun) >= count

        await eventually(look, f"{count} jobs have begun", last=lambda: self.begun)
        return [job for _, job in self.begun]

    async def _run(self, team: TeamId, job: Job) -> bool:
        self.begun.append((team, job))
        await self.go_on.wait()
        return True


Start = Callable[..., AbstractAsyncContextManager[Process]]


async def a_worker_listens(redis: Connection) -> None:
    async def listens() -> bool:
        return bool((await redis.redis.pubsub_numsub(WAKE))[0][1])

    await eventually(listens, "a worker listens")


async def nothing_left(redis: Connection, process: Process, clock: ManualClock) -> None:
    """Wait until no job is left, and no workspace after a last look when the leases would have ended."""

    async def no_job() -> bool:
        return not await redis.redis.exists(queue_key(TEAM), queue_key(OTHER_TEAM))

    async def no_workspace() -> bool:
        return not await redis.redis.exists(DUE)

    await eventually(no_job, "no job is left")
    await clock.advance(JOB_LEASE + timedelta(seconds=1))
    process.scheduler.woken.set()
    await eventually(no_workspace, "no workspace is left")
