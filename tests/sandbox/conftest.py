from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp, running_fake_app
from tests.sandbox.webhook_receiver import WebhookReceiver, running_receiver


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def control(sandbox: Sandbox, session: aiohttp.ClientSession) -> ControlClient:
    return ControlClient(session, sandbox.url)


@pytest.fixture
async def fake_app(sandbox: Sandbox) -> AsyncIterator[FakeApp]:
    async with running_fake_app() as app:
        sandbox.bot_url = app.url
        yield app


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with running_receiver() as receiver:
        yield receiver
