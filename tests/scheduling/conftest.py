"""A Redis for a test of the scheduler or the worker, and processes that use it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.scheduling.scheduler import WorkerTimings
from bot.storage.connection import Connection
from tests.clock import ManualClock
from tests.redis_servers import embedded_redis
from tests.scheduling.worker_helpers import SLOW_POLL, Process, Start


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Connection]:
    async with embedded_redis(tmp_path / "data") as redis:
        yield redis


@pytest.fixture
def start(redis: Connection, clock: ManualClock) -> Start:
    @asynccontextmanager
    async def start(timings: WorkerTimings = SLOW_POLL) -> AsyncIterator[Process]:
        process = Process(redis, clock, timings)
        async with process.worker.working(process.on_start):
            await process.started.wait()
            yield process

    return start
