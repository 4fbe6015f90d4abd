"""The worker of a process leases the jobs that are due, has them done, and renews their leases meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.scheduling.job import Job, LeasedJob
from bot.scheduling.scheduler import UNKNOWN, Scheduler
from bot.storage.client import FAILURES
from bot.storage.errors import StoreUnavailable

CONCURRENT_JOBS = 40
"""In one process; Redis has 50 connections for it."""
CLAIMED_AT_ONCE = 10
"""Workspaces that a worker claims in one call, so that another worker gets the others."""

log = structlog.get_logger()

RunJob = Callable[[TeamId, Job], Awaitable[bool]]
"""Does a job and returns whether it succeeded; a job that is to be tried again has been planned again."""


@dataclass(slots=True)
class Running:
    """A job that runs; while its lease is being renewed, the end of the lease isn't known."""

    team: TeamId
    leased: LeasedJob
    renewing: asyncio.Lock = field(default_factory=asyncio.Lock)


class Worker:
    """Does the jobs of all workspaces that are due, CONCURRENT_JOBS at a time."""

    def __init__(self, scheduler: Scheduler, *, run: RunJob, metrics: Metrics) -> None:
        self._scheduler = scheduler
        self._queue, self._workspaces = scheduler.queue, scheduler.workspaces
        self._clock, self._timings = scheduler.clock, scheduler.timings
        self._run_job = run
        self._metrics = metrics
        self._running: dict[asyncio.Task[None], Running] = {}
        self._looked_at: dict[TeamId, datetime | None] = {}
        """The workspaces whose looks have yet to be ended, and when each needs the next one."""

    @asynccontextmanager
    async def working(self, on_start: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """Call `on_start` once Redis answers, and do due jobs until the context is left; hand back what isn't done."""
        self._scheduler.works = True
        looking = asyncio.create_task(self._look_for_jobs(on_start), name="worker")
        beside = [asyncio.create_task(work) for work in (self._listen(), self._renew_leases())]
        try:
            yield
        finally:
            self._scheduler.stopping = True
            self._scheduler.woken.set()
            await asyncio.gather(looking, return_exceptions=True)
            await self._drain()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _look_for_jobs(self, on_start: Callable[[], Awaitable[None]]) -> None:
        started = False
        while not self._scheduler.stopping:
            self._scheduler.woken.clear()
            next_due: datetime | None = None
            try:
                if not started:
                    await on_start()
                    started = True
                next_due = await self._start_due_jobs()
            except StoreUnavailable:
                pass  # logged when it went; the next look tries again
            except Exception:
                log.exception("worker_failed")
            await self._pause(next_due)

    async def _start_due_jobs(self) -> datetime | None:
        """Start due jobs as far as there is room; return when the next look is needed, as far as is known."""
        now, room = self._clock.now(), min(self._free(), CLAIMED_AT_ONCE)
        if room <= 0 and not self._looked_at:
            return None  # a job that ends wakes the worker
        teams, next_due = await self._workspaces.claim(now=now, at_most=max(0, room), looked_at=self._looked_at)
        self._looked_at = {}
        for team in teams:
            self._looked_at[team] = await self._start_jobs_of(team)
        return now if teams else next_due

    async def _start_jobs_of(self, team: TeamId) -> datetime | None:
        """Start the due jobs of a workspace that was claimed; return when it has more to do, if it has."""
        leased = await self._queue.lease(team, now=self._clock.now(), at_most=max(0, self._free()))
        for job in leased.set_aside:
            log.error("job_set_aside", team=team, job=job.name, id=job.id, why="its process died several times")
        for due in leased.came_due:  # the wait for a slot is Slack's limit, not our lateness
            self._metrics.lateness.observe(max(0.0, (self._clock.now() - due).total_seconds()))
        for one in leased.jobs:
            self._start(team, one)
        return leased.next_due

    async def _pause(self, until: datetime | None) -> None:
        poll = self._timings.poll.total_seconds()
        left = (until - self._clock.now()).total_seconds() if until else poll
        pause = timedelta(seconds=min(poll, max(0, left)))
        self._scheduler.next_look = self._clock.now() + pause
        with suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await self._scheduler.woken.wait()
        self._scheduler.next_look = UNKNOWN

    def _free(self) -> int:
        return CONCURRENT_JOBS - len(self._running)

    def _start(self, team: TeamId, leased: LeasedJob) -> None:
        running = Running(team, leased)
        task = asyncio.create_task(self._run(running))
        self._running[task] = running
        task.add_done_callback(self._ended)

    async def _run(self, running: Running) -> None:
        team = running.team
        with suppress(StoreUnavailable):  # the lease ends, and the job is done again
            succeeded = await self._run_job(team, running.leased.job)
            async with running.renewing:
                await self._queue.complete(team, running.leased, succeeded=succeeded)
            if running.leased.has_slot:  # another update may have waited for this one's place
                await self._workspaces.add(team, at=self._clock.now())
                self._scheduler.woken.set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if self._free() == 1:
            self._scheduler.woken.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("job_lost", exc_info=error)

    async def _listen(self) -> None:
        """Look for jobs as soon as another process says that there are some."""
        while True:
            with suppress(*FAILURES):
                async for _ in self._workspaces.wakes():
                    self._scheduler.woken.set()
            await asyncio.sleep(self._timings.poll.total_seconds())

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._timings.renew.total_seconds())
            await asyncio.gather(*map(self._renew, list(self._running.values())))

    async def _renew(self, running: Running) -> None:
        with suppress(StoreUnavailable):  # there is time for another attempt
            async with running.renewing:
                running.leased = await self._queue.renew(running.team, running.leased, now=self._clock.now())

    async def _drain(self) -> None:
        with suppress(StoreUnavailable):  # the looks end by themselves; until then, others see nothing that comes due
            await self._workspaces.claim(now=self._clock.now(), at_most=0, looked_at=self._looked_at)
        if self._running:
            await asyncio.wait(self._running, timeout=self._timings.drain.total_seconds())
        left = dict(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        with suppress(StoreUnavailable):  # the leases end by themselves
            for running in left.values():
                await self._queue.hand_back(running.team, running.leased, now=self._clock.now())
                await self._workspaces.add(running.team, at=self._clock.now())
            if left:
                await self._workspaces.wake_others()
