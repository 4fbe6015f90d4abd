"""The scheduler plans jobs, and wakes a worker (worker.py) for what is due at once.

Both share the index of due workspaces and, within one process, an event.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.core.clock import Clock
from bot.core.model import TeamId
from bot.scheduling.due_workspaces import DueWorkspaces
from bot.scheduling.job import IfPlanned, Job
from bot.scheduling.processes import SAID_EVERY
from bot.scheduling.queue import JOB_LEASE, JobQueue

UNKNOWN = datetime.max.replace(tzinfo=UTC)
"""For a worker that is looking now, or that runs in another process: it is woken for whatever is planned."""


@dataclass(frozen=True, slots=True)
class WorkerTimings:
    """`poll` is the longest pause between two looks at what is due, `drain` how long a stop waits for running jobs.

    Leases are renewed every `renew`, and the process says every `heartbeat` that it lives.
    """

    poll: timedelta = timedelta(seconds=1)
    renew: timedelta = JOB_LEASE / 3
    drain: timedelta = timedelta(seconds=5)
    heartbeat: timedelta = SAID_EVERY


class Scheduler:
    """Plans jobs and wakes a worker for them."""

    def __init__(self, queue: JobQueue, workspaces: DueWorkspaces, clock: Clock, timings: WorkerTimings) -> None:
        self.queue = queue
        self.workspaces = workspaces
        self.clock = clock
        self.timings = timings
        self.woken = asyncio.Event()
        self.works = False
        """Whether this process has a worker."""
        self.next_look = UNKNOWN
        """When the worker looks by itself, if it isn't woken before."""
        self.stopping = False

    async def plan(self, team: TeamId, job: Job, *, at: datetime, if_planned: IfPlanned = "move") -> None:
        """Have a job done at a moment; what happens with one that is planned already, `if_planned` says."""
        await self.queue.plan(team, job, at=at, if_planned=if_planned)
        await self.wake(team, at=at)

    async def cancel(self, team: TeamId, job: Job) -> None:
        """Remove a job that was planned."""
        await self.queue.cancel(team, job)

    async def wake(self, team: TeamId, *, at: datetime) -> None:
        """Have a worker look at a workspace at a moment, for a job that a store has planned with `add_job`."""
        if self.workspaces.connection.clustered:
            await self.workspaces.add(team, at=at)
        now = self.clock.now()
        if at - now > self.timings.poll or now <= self.next_look <= at:
            return  # every worker, or the one here, looks at the index by then
        if self.works:
            self.woken.set()
        else:
            await self.workspaces.wake_others()

    async def look_at(self, teams: Iterable[TeamId]) -> None:
        """Have a worker look at workspaces now, in case that the index misses one of their jobs.

        On a Cluster a process may die between planning a job and noting it there.
        """
        for team in teams:
            await self.workspaces.add(team, at=self.clock.now())
        self.woken.set()
