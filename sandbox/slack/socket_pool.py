"""The sockets that an app holds open, and how they come to an end.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from sandbox.slack.api_types import Impossible
from sandbox.slack.envelopes import disconnect
from sandbox.slack.socket import Socket, State
from sandbox.slack.tickets import Tickets

MOST = 10


class OpenSockets:
    """The sockets, oldest first.

    `grace` is in seconds of real time between a warning and the cut, `ping_every` between pings (10 in the logs of
    real apps).
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.grace = 10.0
        self.ping_every = 10.0
        self.tickets = Tickets(now)
        self.audible = asyncio.Event()
        self.audible.set()
        self._now = now
        self._open: list[Socket] = []
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def connected(self) -> int:
        """How many sockets are open."""
        return len(self.alive())

    @property
    def silent(self) -> bool:
        """Whether sockets stay open while nothing is sent on them and nothing heard, as on a dead line."""
        return not self.audible.is_set()

    @silent.setter
    def silent(self, silent: bool) -> None:
        (self.audible.clear if silent else self.audible.set)()

    def alive(self, *states: State) -> list[Socket]:
        """Return the sockets that are open and in one of these states, if any are named."""
        return [socket for socket in self._open if socket.alive and (not states or socket.state in states)]

    def join(self, socket: Socket) -> None:
        """Take a socket in."""
        self._open = [*self.alive(), socket]

    async def warn(self) -> None:
        """Warn the oldest socket: it is refreshed a little later; raises Impossible when there is none."""
        await self._warn(self._oldest())

    async def refresh(self) -> None:
        """Ask the oldest socket to leave: it gets nothing new and is closed a little later; raises Impossible."""
        socket = self._oldest()
        await self._ask_to_leave(socket)
        self._later(self._closed(socket))

    async def due_refreshes(self) -> None:
        """Warn the sockets whose life will soon be over by the sandbox's clock."""
        soon = self._now() + timedelta(seconds=self.grace)
        for socket in self.alive(State.OPEN):
            if socket.ends <= soon:
                await self._warn(socket)

    async def disable(self) -> None:
        """Close all sockets as when Socket Mode is switched off in the app's settings."""
        await asyncio.gather(*(self.refuse(socket, "link_disabled") for socket in self.alive()))

    async def refuse(self, socket: Socket, reason: str) -> None:
        """Close a socket for a reason."""
        await socket.send(disconnect(reason))
        await socket.close()

    async def drop(self) -> None:
        """Cut all sockets without a close frame."""
        for socket in self.alive():
            socket.cut()

    async def close(self) -> None:
        """Close everything, for good."""
        self.silent = False
        for ending in self._endings:
            ending.cancel()
        await asyncio.gather(*(socket.close() for socket in self.alive()))

    def _oldest(self) -> Socket:
        for socket in self.alive(State.OPEN):
            return socket
        raise Impossible("no socket is open that was not told to leave already")

    async def _warn(self, socket: Socket) -> None:
        socket.state = State.WARNED
        await socket.send(disconnect("warning"))
        self._later(self._refreshed(socket))

    async def _refreshed(self, socket: Socket) -> None:
        await asyncio.sleep(self.grace)
        await self._ask_to_leave(socket)
        await socket.finish()

    async def _closed(self, socket: Socket) -> None:
        await asyncio.sleep(self.grace)
        await socket.finish()

    async def _ask_to_leave(self, socket: Socket) -> None:
        socket.state = State.LEAVING
        await socket.send(disconnect("refresh_requested"))

    def _later(self, ending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(ending)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
