"""Servers for doctor to look at: a Valkey with odd settings, a Redis that says anything, and one that never answers."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.storage.embedded.process import binary
from bot.storage.schema import MIGRATIONS
from tests.eventually import eventually

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def free_port() -> int:
    """Return a free port below those that Linux gives to outgoing connections, of which other tests make many."""
    while True:
        port = 10_000 + secrets.randbelow(22_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@asynccontextmanager
async def valkey(folder: Path, *options: str) -> AsyncIterator[int]:
    """Run the server behind the embedded Redis on a port of loopback, with these words on its command line."""
    port = free_port()
    words = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", "", *options)
    process = await asyncio.create_subprocess_exec(binary(), *words, stdout=asyncio.subprocess.DEVNULL)

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            return False
        writer.close()
        return True

    try:
        await eventually(listens, "the server listens")
        yield port
    finally:
        process.kill()
        await process.wait()


@asynccontextmanager
async def redis_that_says(
    *, scan: str = "*2\r\n$1\r\n0\r\n*0\r\n", written: str = "+OK\r\n", **info: str
) -> AsyncIterator[int]:
    """Answer INFO with this, PING properly and everything else as a server without data would."""
    body = "\r\n".join(f"{name}:{value}" for name, value in info.items())
    version = str(len(MIGRATIONS))  # the only key that is read
    answers = {
        "HELLO": "%1\r\n$5\r\nproto\r\n:3\r\n",
        "CLIENT": "+OK\r\n",
        "PING": "+PONG\r\n",
        "EVAL": written,
        "GET": f"${len(version)}\r\n{version}\r\n",
        "INFO": f"${len(body)}\r\n{body}\r\n",
        "SCAN": scan,
        "SMEMBERS": "~0\r\n",
        "TYPE": "+none\r\n",
        "ZCARD": ":0\r\n",
        "ZRANGE": "*0\r\n",
    }

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            words = []
            for _ in range(int(head[1:])):
                length = int((await reader.readline())[1:])
                words.append((await reader.readexactly(length + 2))[:-2].decode())
            writer.write(answers[words[0].upper()].encode())
        writer.close()

    async with _serving(serve) as port:
        yield port


@dataclass
class Silence:
    """A server that takes connections and everything that is sent, and never answers."""

    port: int = 0
    first_asked: float | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.first_asked = self.first_asked or time.monotonic()
        await reader.read()
        writer.close()

    def since_first_asked(self) -> float:
        assert self.first_asked
        return time.monotonic() - self.first_asked


@asynccontextmanager
async def silence() -> AsyncIterator[Silence]:
    silent = Silence()
    async with _serving(silent.serve) as silent.port:
        yield silent


@asynccontextmanager
async def _serving(serve: Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])
