"""An app of a few lines that keeps what Slack sends and answers what it is told."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web


@dataclass(frozen=True)
class Received:
    headers: Mapping[str, str]
    raw: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))

    @property
    def payload(self) -> Any:
        if self.headers["Content-Type"] == "application/json":
            return json.loads(self.raw)
        return json.loads(self.form["payload"])


@dataclass
class Listener:
    """`answers` are used up one by one; when none is left, an empty 200."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.received.append(Received(dict(request.headers), await request.read()))
        return self.answers.pop(0) if self.answers else web.Response()

    def will_answer(self, body: Any = None, *, status: int = 200, **headers: str) -> None:
        if isinstance(body, str) or body is None:
            self.answers.append(web.Response(text=body, status=status, headers=headers))
        else:
            self.answers.append(web.json_response(body, status=status, headers=headers))

    @property
    def last(self) -> Received:
        return self.received[-1]


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/slack/events", listener.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield listener
    finally:
        await runner.cleanup()
