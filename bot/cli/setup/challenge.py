"""Over HTTP, Slack wants its challenge answered before it gives a token: setup answers in the bot's place."""

import asyncio
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import aiohttp
from aiohttp import web
from pydantic import BaseModel, SecretStr, ValidationError

from bot.cli.doctor.settings import TIMEOUT
from bot.cli.setup.answers import given
from bot.cli.setup.secret_step import Refused
from bot.core.metrics import Metrics
from bot.core.proxy import ProxiedRequest, cause_of
from bot.http.refusals import Refusals
from bot.http.server import listening
from bot.settings import ListenSettings
from bot.slack.signature import REQUEST_PATH, SIGNATURE, SlackSignature

LARGEST = 10_000
"""Bytes; a challenge has 200."""


class Challenge(BaseModel):
    """What Slack sends to see whether an address is ours: https://docs.slack.dev/reference/events/url_verification."""

    type: Literal["url_verification"]
    challenge: str


class Unreachable(Refused):
    """An address doesn't lead here, as far as can be seen from here."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(why)
        self.url = url


class Challenges:
    """Answers Slack's challenges from a thread of its own, and keeps the last one to check the signing secret with."""

    def __init__(self) -> None:
        self.received: tuple[bytes, dict[str, str]] | None = None
        self._mark = f"connectbot setup {secrets.token_hex(8)}\n"

    def were_signed_with(self, secret: SecretStr) -> bool | None:
        """Return whether the last challenge was signed with a secret; None if no signed one came."""
        if self.received is None:
            return None
        raw, headers = self.received
        return SlackSignature(secret).fits(raw, headers)

    async def must_answer_at(self, url: str) -> None:
        """Raise Unreachable unless an address leads to this very process."""
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT, request_class=ProxiedRequest) as session,
                session.get(f"{url}/healthz", allow_redirects=False) as answer,
            ):
                if await answer.text() != self._mark:
                    raise Unreachable(url, "Something else answers there; it has to lead to this machine.")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unreachable(url, f"It can't be reached from here ({cause_of(error)}).") from None

    @contextmanager
    def answered(self) -> Iterator[int]:
        """Listen where the bot will, until the context is left; yield the port. Raises CannotListen."""
        settings, loop = given(ListenSettings), asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        server = listening(self._routes(), Refusals(Metrics()), host=settings.host, port=settings.port)
        try:
            port = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
            yield port
            asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    def _routes(self) -> tuple[web.RouteDef, ...]:
        return web.get("/healthz", self._show_mark), web.post(REQUEST_PATH, self._answer)

    async def _show_mark(self, _request: web.Request) -> web.Response:
        return web.Response(text=self._mark)

    async def _answer(self, request: web.Request) -> web.Response:
        """Answer a challenge; nothing else can be served yet. It can't be told yet who sent it: it changes nothing."""
        if (request.content_length or LARGEST + 1) > LARGEST:
            raise web.HTTPRequestEntityTooLarge(LARGEST, request.content_length or 0)
        raw = await request.read()
        try:
            body = Challenge.model_validate_json(raw)
        except ValidationError:
            raise web.HTTPServiceUnavailable(text="The bot is being set up.") from None
        if SIGNATURE.fullmatch(request.headers.get("X-Slack-Signature", "")):
            self.received = raw, dict(request.headers)
        return web.json_response({"challenge": body.challenge})
