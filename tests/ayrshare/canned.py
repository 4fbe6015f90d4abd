"""A server on loopback with canned responses, for those that the local Ayrshare does not give."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Canned:
    stop: Callable[[], Awaitable[None]]
    url: str = ""
    answers: list[web.Response] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.requests.append(request)
        self.connections.add(request.transport)
        return self.answers.pop(0)


@asynccontextmanager
async def canned_server() -> AsyncIterator[Canned]:
    app = web.Application()
    runner = web.AppRunner(app, shutdown_timeout=1)
    canned = Canned(runner.cleanup)
    app.router.add_route("*", "/{path:.*}", canned.answer)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    canned.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield canned
    await runner.cleanup()
