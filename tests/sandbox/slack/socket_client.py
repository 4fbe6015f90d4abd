"""Sockets opened by hand, so that a test decides what is acknowledged where."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox

PATIENCE = 5.0
CLOSING = 0.2


@dataclass(frozen=True)
class Line:
    """The app's end of a socket."""

    ws: aiohttp.ClientWebSocketResponse

    async def frame(self) -> Any:
        """Return the next frame of text; pings and pongs are passed over."""
        async with asyncio.timeout(PATIENCE):
            while (message := await self.ws.receive()).type in {aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG}:
                pass
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return message.json()

    async def control(self) -> aiohttp.WSMessage:
        """Return the next frame, whatever it is."""
        async with asyncio.timeout(PATIENCE):
            return await self.ws.receive()

    async def acknowledge(self, envelope: Any, payload: Any = None) -> None:
        """Acknowledge an envelope on this line."""
        extra = {} if payload is None else {"payload": payload}
        await self.ws.send_json({"envelope_id": envelope["envelope_id"], **extra})

    async def serve(self, payload: Any = None) -> Any:
        """Acknowledge the next envelope and return it."""
        envelope = await self.frame()
        await self.acknowledge(envelope, payload)
        return envelope

    async def ends(self) -> None:
        """Wait until Slack closes the line."""
        async with asyncio.timeout(PATIENCE):
            while (await self.ws.receive()).type not in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
                pass


class Lines:
    """Opens lines to one sandbox."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self._sandbox = sandbox
        self._session = session
        self._kept: list[Line] = []
        self._client = AsyncWebClient(base_url=f"{sandbox.url}/slack/api/", session=session)

    async def address(self) -> str:
        """Ask for an address."""
        answer = await self._client.apps_connections_open(app_token=self._sandbox.slack.app_token)
        return str(answer["url"])

    async def connect(self, address: str = "") -> Line:
        """Open a line that leaves pings and close frames to the test."""
        url = address or await self.address()
        timeout = aiohttp.ClientWSTimeout(ws_close=CLOSING)
        line = Line(await self._session.ws_connect(url, autoping=False, autoclose=False, timeout=timeout))
        self._kept.append(line)
        return line

    async def open(self, address: str = "") -> Line:
        """Open a line that was greeted."""
        line = await self.connect(address)
        assert (await line.frame())["type"] == "hello"
        return line


@asynccontextmanager
async def lines_of(sandbox: Sandbox) -> AsyncIterator[Lines]:
    async with aiohttp.ClientSession() as session:
        yield Lines(sandbox, session)
