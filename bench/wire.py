"""HTTP/1.1 at the least cost: a server and a client that take little of the core which they share with Redis.

Only what the bots send is understood: requests with a Content-Length, one at a time on a connection.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

HEAD_END = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
CHUNKED = re.compile(rb"(?i)\r\ntransfer-encoding: *chunked")


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, sent after `delay` seconds."""

    body: bytes
    content_type: str = "application/json"
    delay: float = 0.0


Answer = Callable[[str, bytes, bytes], Reply]
"""Takes the target (path and query), the head and the body of a request."""


async def serve(answer: Answer, *, port: int = 0) -> tuple[asyncio.Server, str]:
    """Start a server on loopback; return it and its URL."""
    server = await asyncio.get_running_loop().create_server(lambda: _Served(answer), "127.0.0.1", port, backlog=1024)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class _Served(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's isn't a subclass

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            head, body = self._buffer[:end], self._buffer[end + len(HEAD_END) :]
            length = _length(head)
            if len(body) < length:
                return
            self._buffer = body[length:]
            self._respond(self._answer(head.split(b" ", 2)[1].decode(), head, body[:length]))

    def _respond(self, reply: Reply) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\n\r\n"
        if reply.delay:
            asyncio.get_running_loop().call_later(reply.delay, self._write, head.encode() + reply.body)
        else:
            self._write(head.encode() + reply.body)

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)


class Client:
    """Keep-alive connections to one bot."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Connection] = []

    async def prepare(self, count: int) -> None:
        """Open `count` new connections in place of those open now, before the clock runs."""
        self.close()
        self._idle = list(await asyncio.gather(*(self._open() for _ in range(count))))

    def close(self) -> None:
        """Close the idle connections."""
        for connection in self._idle:
            connection.close()
        self._idle = []

    async def send(self, request: bytes) -> int:
        """Send a request and return the response's status; raise ConnectionError if the bot hangs up."""
        connection = self._idle.pop() if self._idle else await self._open()
        status = await connection.send(request)
        self._idle.append(connection)
        return status

    async def _open(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, "127.0.0.1", self._port)
        return connection


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = b""
        self._status: asyncio.Future[int] | None = None
        self._lost = False

    def send(self, request: bytes) -> Awaitable[int]:
        self._buffer = b""
        self._status = asyncio.get_running_loop().create_future()
        if self._lost:
            self._status.set_exception(ConnectionResetError())
        else:
            self._transport.write(request)
        return self._status

    def close(self) -> None:
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(HEAD_END)
        if end < 0 or self._status is None or self._status.done():
            return
        head = self._buffer[:end]
        chunked = CHUNKED.search(head) is not None
        if self._buffer.endswith(LAST_CHUNK) if chunked else len(self._buffer) - end - len(HEAD_END) >= _length(head):
            self._status.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        if self._status is not None and not self._status.done():
            self._status.set_exception(exc or ConnectionResetError())


def _length(head: bytes) -> int:
    found = LENGTH.search(head)
    return int(found[1]) if found else 0
