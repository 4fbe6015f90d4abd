from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from sandbox.slack.socket_delivery import SocketDelivery
from tests.sandbox.slack.socket_client import Connections, connections_to

Post = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def client(sandbox: Sandbox, session: aiohttp.ClientSession) -> AsyncWebClient:
    """The stock slack_sdk with the URL of the local Slack."""
    return AsyncWebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/", session=session)


@pytest.fixture
async def bolt(sandbox: Sandbox, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """The stock slack_bolt, to which the local Slack delivers over HTTP."""
    app = AsyncApp(client=client, signing_secret=sandbox.slack.signing_secret)
    runner = web.AppRunner(app.server(path="/slack/events").web_app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield app
    await runner.cleanup()


@pytest.fixture
def post_json(session: aiohttp.ClientSession) -> Post:
    async def post(url: str, **body: Any) -> tuple[int, str]:
        async with session.post(url, json=body) as answer:
            return answer.status, await answer.text()

    return post


@pytest.fixture
def socket_mode(sandbox: Sandbox) -> SocketDelivery:
    """Socket Mode is on, and what takes real time is short."""
    sandbox.slack.socket_mode = True
    sandbox.slack.rate_limits = False
    sandbox.slack.sockets.grace = 0.1
    return sandbox.slack.sockets


@pytest.fixture
async def connections(sandbox: Sandbox) -> AsyncIterator[Connections]:
    async with connections_to(sandbox) as connections:
        yield connections
