"""One WebSocket of the app, seen from Slack's end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from enum import Enum, auto

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from sandbox.slack.api_types import Json
from sandbox.slack.envelopes import HOST, read_acknowledgement

CLOSE_TIMEOUT = 1.0
"""How long the other end has to answer a close frame."""


class SocketState(Enum):
    """The state of a socket; open sockets get envelopes, warned ones only if no other is open."""

    NEW = auto()
    OPEN = auto()
    WARNED = auto()
    REFRESHING = auto()


class AppSocket:
    """Sends envelopes and matches them with their acknowledgements.

    Nothing is sent or received while `audible` is not set. `on_stray` is called for an acknowledgement of an envelope
    that was not sent on this socket. `expires` is when Slack refreshes the socket.
    """

    def __init__(
        self, request: web.Request, *, expires: datetime, audible: asyncio.Event, on_stray: Callable[[], None]
    ) -> None:
        self.expires = expires
        self.state = SocketState.NEW
        self.ws = web.WebSocketResponse(autoping=False, autoclose=False, timeout=CLOSE_TIMEOUT)
        self._request = request
        self._audible = audible
        self._on_stray = on_stray
        self._sent: set[str] = set()
        self._pending: dict[str, asyncio.Future[Json]] = {}

    @property
    def alive(self) -> bool:
        """Whether both ends hold the connection open."""
        transport = self._request.transport
        return not self.ws.closed and transport is not None and not transport.is_closing()

    async def serve(self, hello: Json, *, ping_every: float) -> None:
        """Send the first frame and receive until the socket is closed; `ping_every` is in seconds."""
        await self._audible.wait()
        self.state = SocketState.OPEN
        await self.send(hello)
        pinging = asyncio.create_task(self._keep_pinging(ping_every))
        try:
            while await self._handle(await self.ws.receive()):
                pass
        finally:
            pinging.cancel()

    async def send(self, frame: Json) -> None:
        """Send a frame; while the sockets are silent it is lost."""
        if self._audible.is_set():
            with suppress(ConnectionError):  # the acknowledgement then times out
                await self.ws.send_json(frame)

    async def send_envelope(self, envelope: Json, *, within: float) -> Json | None:
        """Send an envelope and return its acknowledgement, or None if there is none within so many seconds."""
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

    async def close_when_idle(self) -> None:
        """Close the socket once no envelope waits for an acknowledgement."""
        if self._pending:
            await asyncio.wait(self._pending.values())
        await self.close()

    async def close(self) -> None:
        """Close the socket as Slack does."""
        await self.ws.close(code=WSCloseCode.GOING_AWAY)

    def abort(self) -> None:
        """Abort the connection without a close frame."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def _handle(self, message: WSMessage) -> bool:
        """Handle a message and return whether the socket is still open."""
        await self._audible.wait()
        if message.type is WSMsgType.PING:
            with suppress(ConnectionError):
                await self.ws.pong(message.data)
        elif message.type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            self._acknowledge(message.data)
        elif message.type is WSMsgType.CLOSE:
            await self.ws.close()
        return not self.ws.closed

    def _acknowledge(self, text: str | bytes) -> None:
        """Accept an acknowledgement; a late or repeated one changes nothing."""
        envelope_id, acknowledgement = read_acknowledgement(text)
        if envelope_id not in self._sent:
            self._on_stray()
        pending = self._pending.get(envelope_id)
        if pending is not None and not pending.done():
            pending.set_result(acknowledgement)

    async def _keep_pinging(self, every: float) -> None:
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(every)
                if self._audible.is_set():
                    await self.ws.ping(f"Ping from {HOST}".encode())
