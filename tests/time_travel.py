"""The bot has a test's clock and docket the real time, so each move of the clock wakes the bot through docket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.app import Bot
from bot.core.model import TeamId
from bot.scheduling.job import JobName
from bot.scheduling.queue import queue_key
from bot.scheduling.scheduler import WorkerTimings
from bot.storage.connection import moment_ms
from bot.storage.errors import StoreUnavailable
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.redis_probe import redis_of

TEAM = TeamId("T0CONNECT")
QUICK = WorkerTimings(
    slot=timedelta(milliseconds=5),
    due=timedelta(milliseconds=20),
    idle=timedelta(milliseconds=100),
    reconnection=timedelta(milliseconds=100),
)
"""Polling this often keeps tests fast."""


@asynccontextmanager
async def woken(bot: Bot, clock: ManualClock) -> AsyncIterator[None]:
    """Wake the bot after each move of the clock."""
    waking: set[asyncio.Task[None]] = set()

    def moved() -> None:
        task = asyncio.create_task(_wake(bot, clock))
        waking.add(task)
        task.add_done_callback(waking.discard)

    clock.moved.append(moved)
    try:
        yield
    finally:
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


async def _wake(bot: Bot, clock: ManualClock) -> None:
    try:
        await bot.deps.scheduler.wake(TEAM, at=clock.now())
    except StoreUnavailable:
        return  # the test has stopped Redis
