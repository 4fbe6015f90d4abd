"""The client for Redis as redis-py leaves it to us."""

import asyncio
import random
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.core.metrics import Metrics
from bot.storage.batching import TIMEOUT
from bot.storage.connection import Store, open_connection, redis_errors_mapped
from bot.storage.embedded import embedded_server
from bot.storage.errors import StoreUnavailable

ATTEMPTS = 400
ALWAYS_FULL = Path("/proc" if sys.platform == "linux" else "/dev")
"""A file system without room."""
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


async def test_a_call_outlives_a_moment_in_which_the_process_stood_still(tmp_path: Path) -> None:
    async with embedded_server(tmp_path / "data", bot=True) as url:
        connection, control = (open_connection(SecretStr(url), Metrics()) for _ in range(2))
        for _ in ("the first connects", "the second has a connection"):
            await control.redis.execute_command("CLIENT", "PAUSE", "500")  # type: ignore[no-untyped-call]  # redis-py's
            call = asyncio.create_task(Numbers(connection).next())
            for _ in range(20):
                await asyncio.sleep(0)  # it is sent
            time.sleep(1.2 * TIMEOUT.total_seconds())  # noqa: ASYNC251 - the machine pauses, and the answer comes
            await call
        await connection.redis.aclose()
        await control.redis.aclose()


async def test_a_full_disk_is_named_where_the_embedded_server_can_not_be_reached(tmp_path: Path) -> None:
    with capture_logs() as logs:
        away = open_connection(SecretStr(f"unix://{tmp_path}/nobody.sock"), Metrics(), data_dir=ALWAYS_FULL)
        assert await away.trouble() == "Redis takes no writes: no space left in DATA_DIR."
        with pytest.raises(StoreUnavailable):
            await Numbers(away).next()
    assert [(entry["event"], entry["cause"]) for entry in logs] == [("dependency_down", "no space left in DATA_DIR")]


async def test_with_room_on_the_disk_the_failure_itself_is_named_and_the_gauge_knows(tmp_path: Path) -> None:
    away = open_connection(SecretStr(f"unix://{tmp_path}/nobody.sock"), Metrics(), data_dir=tmp_path)
    assert await away.trouble() == "Redis takes no writes: FileNotFoundError."
    assert not away.dependency.up
