"""An embedded Redis for the stores: one server a module, empty at the start of each test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server


@asynccontextmanager
async def redis_in(data_dir: Path) -> AsyncIterator[Connection]:
    async with embedded_server(data_dir, bot=True) as url, connected(url) as connection:
        yield connection


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = open_connection(SecretStr(url), Metrics())
    async with connection.redis:
        yield connection


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def redis_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with embedded_server(tmp_path_factory.mktemp("redis"), bot=True) as url:
        yield url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Connection]:
    async with connected(redis_url) as connection:
        await connection.redis.flushall()
        yield connection
