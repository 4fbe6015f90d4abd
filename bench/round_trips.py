"""A proxy before Redis that counts round trips."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class RoundTrips:
    """What a client sent first or after an answer: a pipeline counts once.

    Each answer comes `delay` seconds late.
    """

    sent: list[bytes] = field(default_factory=list)
    delay: float = 0.0
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.sent)


@asynccontextmanager
async def counting_proxy(redis: Path, folder: Path) -> AsyncIterator[tuple[RoundTrips, str]]:
    """Yield a counter and the URL of a socket that leads to the socket `redis`."""
    trips, socket = RoundTrips(), folder / "counted.sock"

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trips.connections.add(asyncio.get_running_loop().create_task(_relay(trips, redis, reader, writer)))

    server = await asyncio.start_unix_server(connected, str(socket))
    try:
        yield trips, f"unix://{socket}"
    finally:
        server.close()
        for task in trips.connections:
            task.cancel()
        await asyncio.gather(*trips.connections, return_exceptions=True)
        socket.unlink(missing_ok=True)


async def _relay(trips: RoundTrips, redis: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    server_reader, server_writer = await asyncio.open_unix_connection(str(redis))
    answered = True

    async def requests() -> None:
        nonlocal answered
        while data := await reader.read(2**16):
            if answered:
                trips.sent.append(data)
            answered = False
            server_writer.write(data)

    async def answers() -> None:
        nonlocal answered
        while data := await server_reader.read(2**16):
            answered = True
            await asyncio.sleep(trips.delay)
            writer.write(data)

    both = [asyncio.create_task(requests()), asyncio.create_task(answers())]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in both:
            task.cancel()
        writer.close()
        server_writer.close()
