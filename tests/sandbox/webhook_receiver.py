"""A webhook receiver that records what Ayrshare delivers and returns the statuses that a test sets."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.sandbox.ayrshare.serving import wait_until

DROP_CONNECTION = 999


@dataclass
class WebhookReceiver:
    """`statuses` are returned once each; after that the status is 200. A delivery is its headers and its body."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    deliveries: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.deliveries.append((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if self.statuses else 200
        if status == DROP_CONNECTION and request.transport:
            request.transport.abort()
        return web.Response(status=status)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.deliveries]

    async def receives(self, count: int) -> None:
        """Wait until there are so many deliveries."""
        await wait_until(lambda: len(self.deliveries) >= count, f"{count} deliveries")


@asynccontextmanager
async def running_receiver() -> AsyncIterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
