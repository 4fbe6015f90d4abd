from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener, listening
from tests.sandbox.webhook_receiver import Receiver, receiving


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))


@pytest.fixture
async def sandbox(clock: ManualClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def control(sandbox: Sandbox, session: aiohttp.ClientSession) -> Control:
    return Control(session, sandbox.url)


@pytest.fixture
async def listener(sandbox: Sandbox) -> AsyncIterator[Listener]:
    async with listening() as app:
        sandbox.bot_url = app.url
        yield app


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
