"""A system of the operator's that is told of events."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

from tests.eventually import eventually

SECRET = f"whsec_{base64.b64encode(b'a secret of 24 bytes, yes').decode()}"


@dataclass
class Receiver:
    """A system of the operator's; it answers with `statuses`, then with 200, and not while `answers` is unset."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    elsewhere: int = 0
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()

    async def take(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        if not self.answers.is_set():
            await self.answers.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"} if 300 <= status < 400 else {})

    async def wrong(self, _request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response()

    def events(self) -> list[dict[str, Any]]:
        """What was received, each with a signature that the library takes."""
        for headers, body in self.requests:
            moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            signed = Webhook(SECRET).sign(headers["webhook-id"], moment, body.decode())
            assert headers["webhook-signature"] == signed
        return [json.loads(body) for _, body in self.requests]

    async def hears(self, *kinds: str) -> list[dict[str, Any]]:
        async def look() -> list[dict[str, Any]] | None:
            found = self.events()
            return found if sorted(one["type"] for one in found) == sorted(kinds) else None

        return await eventually(look, f"the receiver hears {kinds}", last=lambda: [b for _, b in self.requests])


@asynccontextmanager
async def listening(receiver: Receiver, *, port: int = 0) -> AsyncIterator[None]:
    """Have a receiver listen."""
    app = web.Application()
    app.add_routes([web.post("/hook", receiver.take), web.route("*", "/elsewhere", receiver.wrong)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield
    finally:
        await runner.cleanup()
