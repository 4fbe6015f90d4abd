"""A WebSocket client that leaves acknowledgements to the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox

TIMEOUT = 5.0
CLOSE_TIMEOUT = 0.2


@dataclass(frozen=True)
class AppConnection:
    """The app's end of a socket."""

    ws: aiohttp.ClientWebSocketResponse

    async def frame(self) -> Any:
        """Return the next text frame as JSON; pings and pongs are skipped."""
        async with asyncio.timeout(TIMEOUT):
            while (message := await self.ws.receive()).type in {aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG}:
                pass
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return message.json()

    async def message(self) -> aiohttp.WSMessage:
        """Return the next message of any type."""
        async with asyncio.timeout(TIMEOUT):
            return await self.ws.receive()

    async def acknowledge(self, envelope: Any, payload: Any = None) -> None:
        """Acknowledge an envelope on this socket."""
        extra = {} if payload is None else {"payload": payload}
        await self.ws.send_json({"envelope_id": envelope["envelope_id"], **extra})

    async def acknowledge_next(self, payload: Any = None) -> Any:
        """Acknowledge the next envelope and return it."""
        envelope = await self.frame()
        await self.acknowledge(envelope, payload)
        return envelope

    async def closed(self) -> None:
        """Wait until Slack closes the socket."""
        async with asyncio.timeout(TIMEOUT):
            while (await self.ws.receive()).type not in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
                pass


class Connections:
    """Opens sockets to one sandbox."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self._sandbox = sandbox
        self._session = session
        self._opened: list[AppConnection] = []
        self._client = AsyncWebClient(base_url=f"{sandbox.url}/slack/api/", session=session)

    async def request_url(self) -> str:
        """Return the URL of a new socket."""
        response = await self._client.apps_connections_open(app_token=self._sandbox.slack.app_token)
        return str(response["url"])

    async def connect(self, url: str = "") -> AppConnection:
        """Open a socket without automatic pongs and close frames."""
        timeout = aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT)
        url = url or await self.request_url()
        connection = AppConnection(
            await self._session.ws_connect(url, autoping=False, autoclose=False, timeout=timeout)
        )
        self._opened.append(connection)
        return connection

    async def open(self, url: str = "") -> AppConnection:
        """Open a socket and receive its first frame."""
        connection = await self.connect(url)
        assert (await connection.frame())["type"] == "hello"
        return connection


@asynccontextmanager
async def connections_to(sandbox: Sandbox) -> AsyncIterator[Connections]:
    async with aiohttp.ClientSession() as session:
        yield Connections(sandbox, session)
