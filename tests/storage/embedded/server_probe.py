"""Asking a server, and waiting for what it or its process will be."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import BlockingConnectionPool, Redis

from bot.storage.embedded.locks import FileLock


@asynccontextmanager
async def redis(url: str) -> AsyncIterator[Redis]:
    client = Redis.from_pool(BlockingConnectionPool.from_url(url, decode_responses=True))
    async with client:
        yield client


async def server_pid(url: str) -> int:
    async with redis(url) as client:
        return int((await client.info("server"))["process_id"])


def ended(data_dir: Path) -> bool:
    """Whether no server lives on `data_dir`."""
    with FileLock(data_dir / "server.lock") as life:
        return life.try_shared()


def reaped(pid: int) -> bool:
    """Whether this process has ended, and not as a zombie: one still takes signals."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def eventually(what: str, condition: Callable[[], bool]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 10
    while not condition():
        assert loop.time() < deadline, f"still not so after 10 seconds: {what}"
        await asyncio.sleep(0.02)
