"""Connections: how many there may be, how long a stranger's may stay silent, and malformed HTTP, which is only counted.

A connection is a stranger's until a request on it was found to be signed. Where there are too many, the oldest
stranger's is closed, so that strangers displace each other and not Slack.
"""

import asyncio
from datetime import timedelta

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.http.refusals import Refusals

MAX_CONNECTIONS = 1_000
"""Twice the requests that the bot works on side by side."""
HEAD_TIMEOUT = timedelta(seconds=10)
"""How long a new connection may take to send the head of its first request."""
IDLE_TIMEOUT = timedelta(seconds=75)
"""How long a stranger's may then stay without another request. aiohttp closes idle ones of others after an hour."""
LINGER = timedelta(seconds=2)
"""How long the rest of a refused body is read and thrown away, so that the sender gets to read the answer."""
BUFFER_BYTES = 32 * 1024
"""How much of a body that nobody reads is taken from a connection, twice at most; aiohttp takes 256 KiB by default."""


class Connections:
    """The open connections of one server."""

    def __init__(self, server: web.Server, refusals: Refusals) -> None:
        self.server = server
        self.refusals = refusals
        self._strangers: dict[HttpConnection, None] = {}
        self._trusted: set[HttpConnection] = set()

    def __call__(self) -> "HttpConnection":
        """Make the protocol of a new connection."""
        return HttpConnection(self)

    def opened(self, connection: "HttpConnection") -> None:
        """Make room for a connection: close the oldest stranger's if there are too many."""
        self._strangers[connection] = None
        if len(self._strangers) + len(self._trusted) > MAX_CONNECTIONS:
            self.refusals.count("too_many")
            next(iter(self._strangers)).force_close()

    def closed(self, connection: "HttpConnection") -> None:
        """Forget a connection."""
        self._strangers.pop(connection, None)
        self._trusted.discard(connection)

    def trust(self, connection: "HttpConnection") -> None:
        """Leave a connection open, for as long as its peer wants."""
        if connection in self._strangers:
            del self._strangers[connection]
            self._trusted.add(connection)

    def is_stranger(self, connection: "HttpConnection") -> bool:
        """Whether no request on a connection was found to be signed."""
        return connection in self._strangers


class HttpConnection(web.RequestHandler):
    """aiohttp's connection, with a limit of time while it is a stranger's."""

    __slots__ = ("_connections", "_silence")

    def __init__(self, connections: Connections) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(
            connections.server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # what aiohttp's own runner passes for none
            lingering_time=LINGER.total_seconds(),
            read_bufsize=BUFFER_BYTES,
            auto_decompress=False,  # nothing compressed is taken, and what is refused is still read for a while
        )
        self._connections = connections
        self._silence: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._connections.opened(self)
        self._wait(HEAD_TIMEOUT)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place to another."""
        super().connection_lost(exc)
        self._connections.closed(self)
        if self._silence:
            self._silence.cancel()

    def trust(self) -> None:
        """Record that a request on this connection is signed."""
        self._connections.trust(self)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer malformed HTTP without a trace, and everything else as aiohttp does."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        self._connections.refusals.count("malformed_http")
        # aiohttp would name its version in a header that isn't there
        answer = web.Response(status=status, text="That is not HTTP.\n", headers={"Server": ""})
        answer.force_close()
        return answer

    def _wait(self, limit: timedelta) -> None:
        loop = asyncio.get_running_loop()
        self._silence = loop.call_later(limit.total_seconds(), self._close_if_silent, self._request_count)

    def _close_if_silent(self, requests_before: int) -> None:
        if not self._connections.is_stranger(self):
            return
        if self._request_in_progress or self._request_count > requests_before:
            self._wait(IDLE_TIMEOUT)
        else:
            self._connections.refusals.count("silent")
            self.force_close()


def trust(request: web.BaseRequest) -> None:
    """Record that a request is signed: its connection is no stranger's."""
    if isinstance(request.protocol, HttpConnection):
        request.protocol.trust()
