"""One socket of an app, seen from Slack's end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import Enum, auto

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from sandbox.slack.api_types import Json
from sandbox.slack.envelopes import HOST, read_acknowledgement

LAST_WORDS = 1.0  # seconds that the other end has to answer a close frame


class State(Enum):
    """Where in its life a socket is: envelopes go to those that are open, if need be to those that were warned."""

    NEW = auto()
    OPEN = auto()
    WARNED = auto()
    LEAVING = auto()


class Socket:
    """Sends envelopes and pairs them with their acknowledgements.

    While `audible` is not set nothing is sent and nothing heard. `stray` is called for what acknowledges nothing that
    was sent here; `ends` is when Slack refreshes the socket.
    """

    def __init__(
        self, request: web.Request, *, ends: datetime, audible: asyncio.Event, stray: Callable[[], None]
    ) -> None:
        self.ends = ends
        self.state = State.NEW
        self.ws = web.WebSocketResponse(autoping=False, autoclose=False, timeout=LAST_WORDS)
        self._request = request
        self._audible = audible
        self._stray = stray
        self._sent: set[str] = set()
        self._pending: dict[str, asyncio.Future[Json]] = {}

    @property
    def alive(self) -> bool:
        """Tell whether both ends still hold the connection."""
        transport = self._request.transport
        return not self.ws.closed and transport is not None and not transport.is_closing()

    async def serve(self, greeting: Json, *, ping_every: float) -> None:
        """Greet and listen until the socket ends; `ping_every` is in seconds."""
        await self._audible.wait()
        self.state = State.OPEN
        await self.send(greeting)
        pinging = asyncio.create_task(self._keep_pinging(ping_every))
        try:
            while await self._heard(await self.ws.receive()):
                pass
        finally:
            pinging.cancel()

    async def send(self, frame: Json) -> None:
        """Send a frame, if anything is heard at all."""
        if self._audible.is_set():
            with suppress(ConnectionError):  # whoever waits for an answer will wait in vain
                await self.ws.send_json(frame)

    async def ask(self, envelope: Json, *, within: float) -> Json | None:
        """Send an envelope and return its acknowledgement, None when there was none within so many seconds."""
        envelope_id = envelope["envelope_id"]
        self._sent.add(envelope_id)
        self._pending[envelope_id] = future = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(within):
                await self.send(envelope)
                acknowledgement: Json = await future
        except TimeoutError:
            return None
        finally:
            del self._pending[envelope_id]
        return acknowledgement

    async def finish(self) -> None:
        """Close as soon as nothing waits for an acknowledgement any more."""
        if self._pending:
            await asyncio.wait(self._pending.values())
        await self.close()

    async def close(self) -> None:
        """End the socket as Slack does."""
        await self.ws.close(code=WSCloseCode.GOING_AWAY)

    def cut(self) -> None:
        """End the connection without a word."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _heard(self, message: WSMessage) -> bool:
        """Act on a message; tell whether there can be more."""
        await self._audible.wait()
        if message.type is WSMsgType.PING:
            with suppress(ConnectionError):
                await self.ws.pong(message.data)
        elif message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            self._acknowledged(message.data)
        elif message.type is WSMsgType.CLOSE:
            await self.ws.close()
        return not self.ws.closed

    def _acknowledged(self, text: str | bytes) -> None:
        """Take an acknowledgement; a late or repeated one changes nothing."""
        envelope_id, acknowledgement = read_acknowledgement(text)
        if envelope_id not in self._sent:
            self._stray()
        pending = self._pending.get(envelope_id)
        if pending is not None and not pending.done():
            pending.set_result(acknowledgement)

    async def _keep_pinging(self, every: float) -> None:
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(every)
                if self._audible.is_set():
                    await self.ws.ping(f"Ping from {HOST}".encode())
