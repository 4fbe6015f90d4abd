"""The scheduler: plans a job, and wakes a worker through docket when it is due.

A docket task only says that a workspace has due jobs; which ones is in the job queue. One task for each job would be
simpler, but docket's worker fills its slots and then pauses for its idle poll: of 1,000 tasks due in the same second,
the last was measured to end after 19 s. So all jobs that a workspace has within a quarter of a second share one task.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from docket import Docket, Perpetual, Worker
from pydantic import SecretStr
from redis.exceptions import RedisError

from bot.core.clock import Clock
from bot.core.model import TeamId
from bot.scheduling.job import Job
from bot.scheduling.queue import JobQueue
from bot.storage.errors import StoreUnavailable

NAME = "connectbot:docket"
"""The prefix of docket's own keys."""
WAKE_TIMEOUT = timedelta(seconds=1.5)
CONCURRENT_WAKES = 40
"""Docket's pool has 100 connections and raises when they are used up; its worker needs some, too."""
CLOCK_SKEW = 2
"""Seconds by which two machines' clocks may differ; beyond that a wake-up comes early and the next check repairs it."""
CHECK_EVERY = timedelta(seconds=5)
"""How often a worker looks for jobs of a process that died."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WorkerTimings:
    """How often docket polls, and how long it waits.

    Jobs of a workspace that are due within one `slot` share a wake-up. `due` is the pause between two looks for tasks
    that came due, `idle` the pause while no task is known.
    """

    slot: timedelta = timedelta(milliseconds=250)
    due: timedelta = timedelta(seconds=0.5)
    idle: timedelta = timedelta(seconds=1)
    redelivery: timedelta = timedelta(seconds=10)
    reconnection: timedelta = timedelta(seconds=1)
    drain: timedelta = timedelta(seconds=5)
    concurrency: int = 20


@dataclass(frozen=True, slots=True)
class WorkerCallbacks:
    """What a worker calls when a workspace has due jobs, every few seconds, and at its start and each hour."""

    on_due: Callable[[TeamId], Awaitable[None]]
    on_check: Callable[[], Awaitable[None]]
    hourly: Callable[[], Awaitable[None]]


class Scheduler:
    """Plans jobs and wakes a worker for them; `bot/worker.py` does them."""

    def __init__(self, queue: JobQueue, docket: Docket, clock: Clock, timings: WorkerTimings) -> None:
        self._queue = queue
        self._docket = docket
        self._clock = clock
        self._slot = timings.slot.total_seconds()
        self._wakes = asyncio.Semaphore(CONCURRENT_WAKES)
        self.stopping = False

    async def plan(self, team: TeamId, job: Job, *, at: datetime, unless_planned: bool = False) -> None:
        """Have a job done at a moment. A job that is planned already is moved there unless `unless_planned`."""
        await self._queue.plan(team, job, at=at, unless_planned=unless_planned)
        await self.wake(team, at=at)

    async def cancel(self, team: TeamId, job: Job) -> None:
        """Remove a job that was planned."""
        await self._queue.cancel(team, job)

    async def wake(self, team: TeamId, *, at: datetime) -> None:
        """Wake a worker at a moment to do what is due in a workspace; raise StoreUnavailable."""
        ahead = max(at - self._clock.now(), timedelta(0))
        slot = -(-(datetime.now(UTC) + ahead).timestamp() // self._slot)
        when = slot * self._slot
        task = self._docket.add("wake", when=datetime.fromtimestamp(when, UTC), key=f"wake:{team}:{slot:.0f}")
        try:
            async with self._wakes, asyncio.timeout(WAKE_TIMEOUT.total_seconds()):
                await task(team, when)
        except (RedisError, OSError) as error:
            raise StoreUnavailable from error


def open_docket(url: SecretStr) -> Docket:
    """Make the docket. It keeps nothing of a task that has ended."""
    return Docket(name=NAME, url=url.get_secret_value(), execution_ttl=timedelta(0))


@asynccontextmanager
async def working(
    scheduler: Scheduler, docket: Docket, callbacks: WorkerCallbacks, timings: WorkerTimings
) -> AsyncIterator[None]:
    """Run a worker until the context is left; hand back what isn't done by then."""
    _register_tasks(docket, callbacks)
    worker = Worker(
        docket,
        concurrency=timings.concurrency,
        minimum_check_interval=timings.idle,
        scheduling_resolution=timings.due,
        redelivery_timeout=timings.redelivery,
        reconnection_delay=timings.reconnection,
    )
    await callbacks.hourly()
    async with worker:
        with suppress(RedisError, OSError):  # the next process that starts plans it
            await docket.add("each_hour", when=datetime.now(UTC) + HOUR, key="each_hour")()
        running = asyncio.create_task(worker.run_forever(), name="worker")
        try:
            yield
        finally:
            scheduler.stopping = True
            running.cancel()
            await asyncio.wait({running}, timeout=timings.drain.total_seconds())
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


def _register_tasks(docket: Docket, callbacks: WorkerCallbacks) -> None:
    async def wake(team: str, when: float) -> None:
        ahead = when - datetime.now(UTC).timestamp()  # above 0 if the planning machine's clock is behind
        await asyncio.sleep(min(max(0, ahead), CLOCK_SKEW))
        await callbacks.on_due(TeamId(team))

    async def check(perpetual: Perpetual = Perpetual(every=CHECK_EVERY, automatic=True)) -> None:  # noqa: ARG001, B008 - docket reads it
        await callbacks.on_check()

    async def each_hour(perpetual: Perpetual = Perpetual(every=HOUR)) -> None:  # noqa: ARG001, B008 - docket reads it
        await callbacks.hourly()

    for task in (wake, check, each_hour):
        docket.register(task)
