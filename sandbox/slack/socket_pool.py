"""The WebSockets that the app holds open: the tickets that open them, and how they are closed.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Final

from sandbox.slack.api_types import ActionUnavailable
from sandbox.slack.envelopes import disconnect
from sandbox.slack.socket import AppSocket, SocketState

MAX_SOCKETS = 10
TICKET_LIFETIME: Final = timedelta(seconds=30)
"""An assumption: Slack calls its URLs temporary without a number."""


class SocketTickets:
    """The tickets that were issued and are not used yet; each opens one socket."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issued: dict[str, datetime] = {}

    def issue(self) -> str:
        """Return a new ticket."""
        ticket = str(uuid.uuid4())
        self._issued[ticket] = self._now()
        return ticket

    def use(self, ticket: str) -> bool:
        """Consume a ticket and return whether it was valid."""
        issued = self._issued.pop(ticket, None)
        return issued is not None and self._now() - issued <= TICKET_LIFETIME


class SocketPool:
    """The open sockets, oldest first.

    `grace` is in seconds of real time between a warning and the close, `ping_every` between pings (10 in the logs of
    real apps).
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.grace = 10.0
        self.ping_every = 10.0
        self.tickets = SocketTickets(now)
        self.audible = asyncio.Event()
        self.audible.set()
        self._now = now
        self._sockets: list[AppSocket] = []
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """The number of open sockets."""
        return len(self.alive())

    @property
    def silent(self) -> bool:
        """Whether sockets stay open while nothing is sent or received on them, as on a broken connection."""
        return not self.audible.is_set()

    @silent.setter
    def silent(self, silent: bool) -> None:
        (self.audible.clear if silent else self.audible.set)()

    def alive(self, *states: SocketState) -> list[AppSocket]:
        """Return the open sockets, only those in one of `states` if any are given."""
        return [socket for socket in self._sockets if socket.alive and (not states or socket.state in states)]

    def add(self, socket: AppSocket) -> None:
        """Add a socket."""
        self._sockets = [*self.alive(), socket]

    async def warn(self) -> None:
        """Warn the oldest socket, and refresh it after `grace`; raises ActionUnavailable if there is none."""
        await self._warn(self._oldest())

    async def refresh(self) -> None:
        """Request that the oldest socket reconnects, and close it after `grace`; raises ActionUnavailable.

        The socket gets no new envelopes in the meantime.
        """
        socket = self._oldest()
        await self._request_refresh(socket)
        self._start(self._close_after_grace(socket))

    def refresh_at_once(self, socket: AppSocket) -> None:
        """Refresh a socket as soon as it is open."""
        self._start(self._refresh_new(socket))

    async def warn_expiring(self) -> None:
        """Warn the sockets whose lifetime ends within `grace`, by the sandbox's clock."""
        soon = self._now() + timedelta(seconds=self.grace)
        for socket in self.alive(SocketState.OPEN):
            if socket.expires <= soon:
                await self._warn(socket)

    async def disable(self) -> None:
        """Close all sockets, as when Socket Mode is switched off in the app's settings."""
        await asyncio.gather(*(self.reject(socket, "link_disabled") for socket in self.alive()))

    async def reject(self, socket: AppSocket, reason: str) -> None:
        """Send a disconnect with a reason, and close the socket."""
        await socket.send(disconnect(reason))
        await socket.close()

    async def drop(self) -> None:
        """Abort all connections without a close frame."""
        for socket in self.alive():
            socket.abort()

    async def close(self) -> None:
        """Close all sockets when the local Slack stops."""
        self.silent = False
        for closing in self._closing:
            closing.cancel()
        await asyncio.gather(*(socket.close() for socket in self.alive()))

    def _oldest(self) -> AppSocket:
        for socket in self.alive(SocketState.OPEN):
            return socket
        raise ActionUnavailable("no socket is open that can be warned or refreshed")

    async def _warn(self, socket: AppSocket) -> None:
        socket.state = SocketState.WARNED
        await socket.send(disconnect("warning"))
        self._start(self._refresh_after_grace(socket))

    async def _refresh_after_grace(self, socket: AppSocket) -> None:
        await asyncio.sleep(self.grace)
        await self._request_refresh(socket)
        await socket.close_when_idle()

    async def _refresh_new(self, socket: AppSocket) -> None:
        while socket.state is SocketState.NEW:  # noqa: ASYNC110 - a socket's state sets no event
            await asyncio.sleep(0.01)
        await self._request_refresh(socket)
        await self._close_after_grace(socket)

    async def _close_after_grace(self, socket: AppSocket) -> None:
        await asyncio.sleep(self.grace)
        await socket.close_when_idle()

    async def _request_refresh(self, socket: AppSocket) -> None:
        socket.state = SocketState.REFRESHING
        await socket.send(disconnect("refresh_requested"))

    def _start(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
