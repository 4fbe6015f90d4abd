"""A minimal Slack app that records what Slack delivers and returns the responses that a test sets."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web


@dataclass(frozen=True)
class DeliveredRequest:
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def payload(self) -> Any:
        if self.headers["Content-Type"] == "application/json":
            return json.loads(self.body)
        return json.loads(self.form["payload"])


@dataclass
class FakeApp:
    """`responses` are returned once each; after that the response is an empty 200."""

    url: str = ""
    received: list[DeliveredRequest] = field(default_factory=list)
    responses: list[web.Response] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.received.append(DeliveredRequest(dict(request.headers), await request.read()))
        return self.responses.pop(0) if self.responses else web.Response()

    def will_respond(self, body: Any = None, *, status: int = 200, **headers: str) -> None:
        if isinstance(body, str) or body is None:
            self.responses.append(web.Response(text=body, status=status, headers=headers))
        else:
            self.responses.append(web.json_response(body, status=status, headers=headers))

    @property
    def last(self) -> DeliveredRequest:
        return self.received[-1]


@asynccontextmanager
async def running_fake_app() -> AsyncIterator[FakeApp]:
    fake_app = FakeApp()
    app = web.Application()
    app.router.add_post("/slack/events", fake_app.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake_app.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake_app
    finally:
        await runner.cleanup()
