"""Delivery over Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import itertools
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sandbox.calls import CallLog
from sandbox.faults import Faults
from sandbox.slack.api_types import Json
from sandbox.slack.delivery import Acknowledgement, DeliveryKind, RetryAttempt
from sandbox.slack.envelopes import read_payload, wrap
from sandbox.slack.socket import AppSocket, SocketState
from sandbox.slack.socket_pool import SocketPool


class SocketApp(Protocol):
    """What the Socket Mode transport knows of the app."""

    now: Callable[[], datetime]
    ack_deadline: float
    faults: Faults
    deliveries: CallLog


class SocketDelivery(SocketPool):
    """Sends each payload over one of the open sockets, in rotation.

    `delivered` counts the envelopes that were sent, `strays` the acknowledgements of an envelope that was not sent on
    the same socket.
    """

    def __init__(self, app: SocketApp) -> None:
        super().__init__(app.now)
        self.delivered = 0
        self.strays = 0
        self._app = app
        self._rotation = itertools.count()

    async def deliver(self, kind: DeliveryKind, payload: Json, *, retry: RetryAttempt | None = None) -> Acknowledgement:
        """Send a payload and wait for its acknowledgement, at most `ack_deadline` seconds."""
        acknowledgement = await self._deliver_once(kind, payload, retry)
        if kind is not DeliveryKind.EVENT and self._app.faults.take("replay"):
            await self._deliver_once(kind, payload, retry)
        return acknowledgement

    def count_stray(self) -> None:
        """Count an acknowledgement of an envelope that was not sent on its socket."""
        self.strays += 1

    async def _deliver_once(self, kind: DeliveryKind, payload: Json, retry: RetryAttempt | None) -> Acknowledgement:
        row = self._app.deliveries.record(kind)
        self._app.deliveries.keep(row, sent=payload)
        acknowledgement = await self._send(wrap(kind, payload, retry))
        self._app.deliveries.keep(row, answer=acknowledgement.body)
        row |= {"failure": acknowledgement.failure, "ms": acknowledgement.ms}
        return acknowledgement

    async def _send(self, envelope: Json) -> Acknowledgement:
        started, socket = time.monotonic(), self._next_socket()
        if socket is None:
            return Acknowledgement("dispatch_failed", 0)
        self.delivered += 1
        frame = await socket.send_envelope(envelope, within=self._app.ack_deadline)
        ms = round((time.monotonic() - started) * 1000)
        if frame is None:
            return Acknowledgement("operation_timeout", ms)
        return read_payload(frame.get("payload"), ms=ms)

    def _next_socket(self) -> AppSocket | None:
        """Return the next open socket in rotation; a warned one only if no other is open."""
        sockets = self.alive(SocketState.OPEN) or self.alive(SocketState.WARNED)
        return sockets[next(self._rotation) % len(sockets)] if sockets else None
