"""Docket wakes a worker whenever something on the agenda comes due; what that is stands in the agenda itself.

Docket alone could carry each errand as a task of its own. But its workers take on as many tasks at once as they have
slots and then pause for as long as they poll when idle: 1,000 tasks due in the same second were measured to end after
19 s. So all that is due within a quarter of a second in a workspace shares one task.
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
"""With which all of docket's own keys begin."""
PATIENCE = timedelta(seconds=1.5)
CONNECTIONS = 40
"""Docket's own pool has 100, raises where it has none left, and its worker needs some, too."""
CLOCKS_APART = 2
"""Seconds by which two machines' clocks may differ before a wake-up comes too early, and a round makes up for it."""
ROUND = timedelta(seconds=5)
"""How often somebody looks for what was planned, or begun, by a process that has died since."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WorkerTimings:
    """How often docket looks: at what has come due, and, without being told, at what is there to do.

    What is due within a `slot` in a workspace is one wake-up.
    """

    slot: timedelta = timedelta(milliseconds=250)
    due: timedelta = timedelta(seconds=0.5)
    idle: timedelta = timedelta(seconds=1)
    redelivery: timedelta = timedelta(seconds=10)
    reconnection: timedelta = timedelta(seconds=1)
    drain: timedelta = timedelta(seconds=5)
    at_once: int = 20


@dataclass(frozen=True, slots=True)
class WorkerCallbacks:
    """What a worker does: when something is due in a workspace, on each round, and at the start and each hour."""

    wake: Callable[[TeamId], Awaitable[None]]
    look: Callable[[], Awaitable[None]]
    hourly: Callable[[], Awaitable[None]]


class Scheduler:
    """Plans errands and wakes whoever does them; the other half is bot/jobs.py."""

    def __init__(self, agenda: JobQueue, docket: Docket, clock: Clock, paces: WorkerTimings) -> None:
        self._agenda = agenda
        self._docket = docket
        self._clock = clock
        self._slot = paces.slot.total_seconds()
        self._turns = asyncio.Semaphore(CONNECTIONS)
        self.stopping = False

    async def plan(self, team: TeamId, errand: Job, *, at: datetime, unless_planned: bool = False) -> None:
        """See to it that an errand is done at a moment; a later call for the same one moves it, if it may."""
        await self._agenda.plan(team, errand, at=at, unless_planned=unless_planned)
        await self.wake(team, at=at)

    async def cancel(self, team: TeamId, errand: Job) -> None:
        """Let an errand be."""
        await self._agenda.cancel(team, errand)

    async def wake(self, team: TeamId, *, at: datetime) -> None:
        """Have somebody look at what is due in a workspace at a moment; raise StoreUnavailable."""
        ahead = max(at - self._clock.now(), timedelta(0))
        slot = -(-(datetime.now(UTC) + ahead).timestamp() // self._slot)
        when = slot * self._slot
        task = self._docket.add("wake", when=datetime.fromtimestamp(when, UTC), key=f"wake:{team}:{slot:.0f}")
        try:
            async with self._turns, asyncio.timeout(PATIENCE.total_seconds()):
                await task(team, when)
        except (RedisError, OSError) as error:
            raise StoreUnavailable from error


def open_docket(url: SecretStr) -> Docket:
    """Make the docket; nothing of a task is kept once it has ended."""
    return Docket(name=NAME, url=url.get_secret_value(), execution_ttl=timedelta(0))


@asynccontextmanager
async def working(
    scheduler: Scheduler, docket: Docket, rounds: WorkerCallbacks, paces: WorkerTimings
) -> AsyncIterator[None]:
    """Work in this process until the context is left; what is then still under way is handed back."""

    async def wake(team: str, when: float) -> None:
        ahead = when - datetime.now(UTC).timestamp()
        await asyncio.sleep(min(max(0, ahead), CLOCKS_APART))  # of the machine on which it was planned
        await rounds.wake(TeamId(team))

    async def look_round(perpetual: Perpetual = Perpetual(every=ROUND, automatic=True)) -> None:  # noqa: ARG001, B008 - docket reads it
        await rounds.look()

    async def each_hour(perpetual: Perpetual = Perpetual(every=HOUR)) -> None:  # noqa: ARG001, B008 - likewise
        await rounds.hourly()

    docket.register(wake)
    docket.register(look_round)
    docket.register(each_hour)
    worker = Worker(
        docket,
        concurrency=paces.at_once,
        minimum_check_interval=paces.idle,
        scheduling_resolution=paces.due,
        redelivery_timeout=paces.redelivery,
        reconnection_delay=paces.reconnection,
    )
    await rounds.hourly()
    async with worker:
        with suppress(RedisError, OSError):  # whoever starts next sees to it
            await docket.add(each_hour, when=datetime.now(UTC) + HOUR, key="each_hour")()
        running = asyncio.create_task(worker.run_forever(), name="worker")
        try:
            yield
        finally:
            scheduler.stopping = True
            running.cancel()
            await asyncio.wait({running}, timeout=paces.drain.total_seconds())
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
