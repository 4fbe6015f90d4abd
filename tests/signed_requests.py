"""Slack's requests signed by hand, for what a real client would not send, and a place that hears the answers."""

import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.eventually import eventually


def signed_headers(secret: str, raw: bytes, *, kind: str, late: int = 0) -> dict[str, str]:
    """Sign a body as Slack does, `late` seconds ago."""
    timestamp = str(int(time.time()) - late)
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + raw, "sha256").hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}


@dataclass
class ResponseUrlReceiver:
    """A `response_url` of our own."""

    url: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def receives(self, words: str, *, within: float = 5.0) -> dict[str, Any]:
        async def look() -> dict[str, Any] | None:
            return next((message for message in self.messages if words in json.dumps(message)), None)

        return await eventually(look, f"an answer with {words!r}", within=within, last=lambda: self.messages)

    async def receives_times(self, count: int) -> list[dict[str, Any]]:
        async def look() -> list[dict[str, Any]] | None:
            return self.messages if len(self.messages) >= count else None

        return await eventually(look, f"{count} answers", last=lambda: self.messages)

    async def _take(self, request: web.Request) -> web.Response:
        self.messages.append(await request.json())
        return web.Response(text="ok")


@asynccontextmanager
async def response_url_receiver() -> AsyncIterator[ResponseUrlReceiver]:
    response_url = ResponseUrlReceiver()
    app = web.Application()
    app.router.add_post("/answer", response_url._take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    response_url.url = f"http://127.0.0.1:{runner.addresses[0][1]}/answer"
    yield response_url
    await runner.cleanup()


@dataclass
class Signer:
    """Somebody who knows the signing secret."""

    session: aiohttp.ClientSession
    url: str
    secret: str
    acknowledgement: str = ""

    async def command(self, answer_to: str, **fields: str) -> int:
        known = {
            "command": "/connect",
            "text": "",
            "team_id": "T0CONNECT",
            "channel_id": "C0GENERAL",
            "trigger_id": str(time.monotonic_ns()),
            "response_url": answer_to,
        }
        return await self.form(known | fields)

    async def said(self, answer_to: str, **fields: str) -> str:
        """Send a command and return what its acknowledgement says."""
        await self.command(answer_to, **fields)
        return self.acknowledgement

    async def click(self, answer_to: str, *, user: dict[str, str], action: dict[str, Any], **more: Any) -> int:
        payload = {
            "type": "block_actions",
            "team": {"id": "T0CONNECT"},
            "user": user,
            "trigger_id": str(time.monotonic_ns()),
            "response_url": answer_to,
            "actions": [{"type": "button", "block_id": "card", **action}],
        }
        return await self.form({"payload": json.dumps(payload | more)})

    async def form(self, fields: dict[str, str]) -> int:
        raw = urlencode(fields).encode()
        headers = signed_headers(self.secret, raw, kind="application/x-www-form-urlencoded")
        async with self.session.post(f"{self.url}/slack/events", data=raw, headers=headers) as answer:
            self.acknowledgement = await answer.text()
            return answer.status
