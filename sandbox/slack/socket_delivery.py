"""Delivery over Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import itertools
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sandbox.calls import CallLog
from sandbox.faults import Faults
from sandbox.slack.api_types import Json
from sandbox.slack.delivery import Again, Answer, Kind
from sandbox.slack.envelopes import acknowledged, enveloped
from sandbox.slack.socket import Socket, State
from sandbox.slack.socket_pool import OpenSockets


class App(Protocol):
    """What the sockets have to know of the app."""

    now: Callable[[], datetime]
    ack_deadline: float
    faults: Faults
    deliveries: CallLog


class Sockets(OpenSockets):
    """Sends each payload over the next of the open sockets.

    `delivered` counts the envelopes given to a socket, `strays` the acknowledgements of what was not sent on the same.
    """

    def __init__(self, app: App) -> None:
        super().__init__(app.now)
        self.delivered = 0
        self.strays = 0
        self._app = app
        self._turns = itertools.count()

    async def deliver(self, kind: Kind, payload: Json, *, again: Again | None = None) -> Answer:
        """Send a payload and wait for its acknowledgement, at most `ack_deadline` seconds."""
        answer = await self._send(kind, payload, again)
        if kind is not Kind.EVENT and self._app.faults.take("replay"):
            await self._send(kind, payload, again)
        return answer

    def stray(self) -> None:
        """Count an acknowledgement of nothing that was sent on its socket."""
        self.strays += 1

    async def _send(self, kind: Kind, payload: Json, again: Again | None) -> Answer:
        row = self._app.deliveries.record(kind)
        answer = await self._answer(enveloped(kind, payload, again))
        row |= {"failure": answer.failure, "ms": answer.ms}
        return answer

    async def _answer(self, envelope: Json) -> Answer:
        started, socket = time.monotonic(), self._next()
        if socket is None:
            return Answer("dispatch_failed", 0)
        self.delivered += 1
        acknowledgement = await socket.ask(envelope, within=self._app.ack_deadline)
        ms = round((time.monotonic() - started) * 1000)
        if acknowledgement is None:
            return Answer("operation_timeout", ms)
        return acknowledged(acknowledgement.get("payload"), ms=ms)

    def _next(self) -> Socket | None:
        """Return the socket whose turn it is; a warned one only when there is no other."""
        sockets = self.alive(State.OPEN) or self.alive(State.WARNED)
        return sockets[next(self._turns) % len(sockets)] if sockets else None
