"""The client for Redis as redis-py leaves it to us."""

import asyncio
import random
from pathlib import Path

from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.storage.connection import Store, open_connection, redis_errors_mapped
from bot.storage.embedded import embedded_server

ATTEMPTS = 400
LONGEST_PAUSE = 0.0012
"""Seconds: a call to a local server ends within this time."""


class Numbers(Store):
    @redis_errors_mapped
    async def next(self) -> int:
        return int(await self._redis.incr("number"))


async def test_a_cancelled_call_stays_cancelled_at_whatever_moment(tmp_path: Path) -> None:
    randomly = random.Random(7)
    async with embedded_server(tmp_path / "data", bot=True) as url:
        connection = open_connection(SecretStr(url), Metrics())
        numbers = Numbers(connection)

        async def calls_and_goes_on() -> None:
            await numbers.next()
            await asyncio.sleep(60)

        await numbers.next()
        for _ in range(ATTEMPTS):
            task = asyncio.create_task(calls_and_goes_on())
            await asyncio.sleep(randomly.uniform(0, LONGEST_PAUSE))
            task.cancel()
            await asyncio.wait([task], timeout=1)
            assert task.cancelled()
        assert await numbers.next() > 2  # some of the calls had been made
        await connection.redis.aclose()
