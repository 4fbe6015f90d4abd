"""What no one in Slack sees: the bot's Redis, its jobs and its audit log, to inspect them or to damage them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.app import Bot
from bot.core.model import TeamId
from bot.people.audit import AuditRow
from bot.scheduling.job import Job, JobName
from bot.scheduling.queue import queue_key
from bot.storage.connection import moment_ms
from tests.eventually import eventually

TEAM = TeamId("T0CONNECT")
END_MARK = "end of the recording"


def redis_of(bot: Bot) -> Any:
    return bot.deps.audit.connection.redis


async def pause_redis(bot: Bot, milliseconds: int, what: str = "ALL") -> None:
    """Have Redis answer nothing, or no `WRITE`; by a connection of its own, since the bot's calls go out together."""
    async with bot.deps.audit.connection.without_limit() as redis:
        await redis.execute_command("CLIENT", "PAUSE", str(milliseconds), what)  # type: ignore[no-untyped-call]  # redis-py's


async def idle(bot: Bot) -> None:
    """Wait until the bot has no work left: no background task, and no job that is due, leased or waiting for a slot."""

    left: list[object] = []

    async def look() -> bool:
        await bot.deps.background.idle()
        redis, now = redis_of(bot), moment_ms(bot.deps.clock.now())
        planned = await redis.zrange(queue_key(TEAM), 0, -1, withscores=True)
        left[:] = [job for job, score in planned if score <= now or score % 1]  # a lease ends at half a ms
        for name in ("updates", "updating"):
            left.extend(await redis.zrange(f"connectbot:{{{TEAM}}}:{name}", 0, -1))
        return not left

    await eventually(look, "the bot is idle", last=lambda: left)


async def trail(bot: Bot, *what: str) -> list[AuditRow]:
    """The rows of these kinds, or all, the oldest first."""
    page = await bot.deps.audit.page(TEAM, after="0")
    return [row for _, row in page if not what or row.action in what]


async def jobs(bot: Bot, *names: JobName) -> list[Job]:
    """Return the jobs of these names that aren't done, whether planned, due or waiting for a slot."""
    entries = await redis_of(bot).zunion([queue_key(TEAM), f"connectbot:{{{TEAM}}}:updates"])
    found = [Job(JobName(name), thing) for name, _, thing in (str(entry).partition(":") for entry in entries)]
    return [job for job in found if job.name in names]


@asynccontextmanager
async def commands_to_redis(bot: Bot) -> AsyncIterator[list[str]]:
    """Yield a list that has, after the context, every command that Redis received within it."""
    redis, asked = redis_of(bot), list[str]()

    async def listen(monitor: Any) -> None:
        async for row in monitor.listen():
            if END_MARK in row["command"]:
                return
            asked.append(row["command"])

    async with redis.monitor() as monitor:
        listening = asyncio.create_task(listen(monitor))
        yield asked
        await redis.echo(END_MARK)
        await listening
