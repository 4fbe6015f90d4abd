"""Docket keeps the real time, the bot a test's clock: whenever that is moved, docket is told to wake the bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from bot.app import Bot
from bot.errors import StoreUnavailable
from bot.model import TeamId
from bot.scheduler import Paces
from tests.clock import ManualClock

TEAM = TeamId("T0CONNECT")
QUICK = Paces(
    slot=timedelta(milliseconds=5),
    due=timedelta(milliseconds=20),
    idle=timedelta(milliseconds=100),
    reconnection=timedelta(milliseconds=100),
)
"""Looking this often costs nothing that a test would notice."""


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


async def _wake(bot: Bot, clock: ManualClock) -> None:
    try:
        await bot.deps.later.wake(TEAM, at=clock.now())
    except StoreUnavailable:
        return  # the test has taken Redis away
