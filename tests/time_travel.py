"""The bot has a test's clock and pauses in real time, so each move of the clock wakes its worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.app import Bot
from bot.core.model import TeamId
from bot.job_runner import HOURLY
from bot.scheduling.job import ALL_WORKSPACES, JobName
from bot.scheduling.queue import JOB_LEASE, job_entry, queue_key
from bot.scheduling.scheduler import WorkerTimings
from bot.storage.connection import moment_ms
from bot.storage.errors import StoreUnavailable
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import idle, redis_of

TEAM = TeamId("T0CONNECT")
QUICK = WorkerTimings(poll=timedelta(milliseconds=100), heartbeat=timedelta(days=1))
"""Another process's jobs are noticed this fast, and no heartbeat stands among the calls that a test counts."""


@asynccontextmanager
async def woken(bot: Bot, clock: ManualClock) -> AsyncIterator[None]:
    """Let the bot finish before each `advance` of the clock, and wake it after each move."""
    waking: set[asyncio.Task[None]] = set()

    def moved() -> None:
        task = asyncio.create_task(_wake(bot, clock))
        waking.add(task)
        task.add_done_callback(waking.discard)

    async def settled() -> None:
        await idle(bot)

    await _started(bot)
    clock.moved.append(moved)
    clock.before_move.append(settled)
    try:
        yield
    finally:
        clock.before_move.remove(settled)
        clock.moved.remove(moved)
        await asyncio.gather(*waking)


async def planned(bot: Bot, name: JobName, *, at: datetime) -> None:
    """Wait until a job of this name is planned for a moment."""

    async def look() -> bool:
        due = await redis_of(bot).zrangebyscore(queue_key(TEAM), moment_ms(at), moment_ms(at))
        return any(str(entry).startswith(f"{name}:") for entry in due)

    await eventually(look, f"{name} is planned for {at}")


async def nothing_is_drawn(bot: Bot) -> None:
    """Wait until no card is being drawn."""

    async def look() -> bool:
        return not [key async for key in redis_of(bot).scan_iter(f"connectbot:{{{TEAM}}}:lock:drawing:*")]

    await eventually(look, "no card is being drawn", within=10)  # the lock of a process that was killed lasts 5 s


async def _started(bot: Bot) -> None:
    """Wait until the bot has done the hourly work of its start, which plans first sweeps."""

    async def look() -> bool:
        try:
            due = await redis_of(bot).zscore(queue_key(ALL_WORKSPACES), job_entry(HOURLY))
        except RedisTimeoutError:  # the machine is busy: the probe has the bot's short time limit
            return False
        return bool(due) and float(due) > moment_ms(bot.deps.clock.now() + JOB_LEASE) + 1

    await eventually(look, "the hourly work is done")


async def _wake(bot: Bot, clock: ManualClock) -> None:
    try:
        await bot.deps.scheduler.wake(TEAM, at=clock.now())
    except StoreUnavailable:
        return  # the test has stopped Redis
