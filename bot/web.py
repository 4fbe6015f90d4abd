"""The routes. Slack's requests are checked for size, signature and form before Bolt sees them.

Bolt's own reading answers malformed headers with a 500 and loses commands that contain the word "payload".
"""

import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_sdk.signature import SignatureVerifier

from bot.ayrshare.webhook import WEBHOOK_PATH
from bot.core.errors import ConnectbotError
from bot.core.metrics import Metrics
from bot.manifest import REQUEST_PATH
from bot.slack.bolt_dispatch import MALFORMED
from bot.slack.socket import Dispatch
from bot.slack.socket_mode import SocketMode
from bot.storage.connection import Connection

DRAIN = timedelta(seconds=1)
"""How long requests in progress may take at a stop."""
MAX_BODY_BYTES = 1024**2
FORWARDING_HEADERS = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")

OnAyrshareEvent = Callable[[bytes, Mapping[str, str]], Awaitable[int]]
"""Takes the raw body and the headers; returns the HTTP status to answer with."""
RefreshGauges = Callable[[], Awaitable[None]]

log = structlog.get_logger()


class CannotListen(ConnectbotError):
    """The port is taken, or the address is not this machine's."""

    kind = "cannot_listen"

    def __init__(self, host: str, port: int, *, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}, port {port}: {reason}. Set HOST or PORT to something else.")


@asynccontextmanager
async def listening(routes: Iterable[web.RouteDef], *, host: str, port: int) -> AsyncIterator[int]:
    """Serve these routes until the context is left, and yield the port; port 0 takes a free one.

    Raises CannotListen.
    """
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=DRAIN.total_seconds())
    await runner.setup()
    try:
        await _bind(web.TCPSite(runner, host, port), host, port)
        bound = int(runner.addresses[0][1])
        log.info("listening", host=host, port=bound)
        yield bound
    finally:
        await runner.cleanup()


async def _bind(site: web.TCPSite, host: str, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        raise CannotListen(host, port, reason=error.strerror or "unknown") from error


def slack_route(dispatch: Dispatch, *, signing_secret: SecretStr) -> web.RouteDef:
    """`POST /slack/events`: commands, interactions and events."""
    verifier = SignatureVerifier(signing_secret.get_secret_value())

    async def handle(request: web.Request) -> web.StreamResponse:
        raw = await _raw_body(request)
        if not _is_signed(verifier, raw, request):
            raise web.HTTPUnauthorized(text="The request is not signed by Slack, or too old.")
        body = read_body(raw)
        if body.get("type") == "url_verification":
            return web.json_response({"challenge": body.get("challenge")})
        if "ssl_check" in body:
            return web.Response()
        return await to_aiohttp_response(await dispatch(body))

    return web.post(REQUEST_PATH, handle)


def ayrshare_route(on_event: OnAyrshareEvent) -> web.RouteDef:
    """`POST /ayrshare/webhook`: `on_event` checks the signature itself."""

    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=await on_event(await _raw_body(request), request.headers))

    return web.post(WEBHOOK_PATH, handle)


def health_route() -> web.RouteDef:
    """`GET /healthz`: 200 while the process lives."""

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    return web.get("/healthz", handle)


def readiness_route(redis: Connection, sockets: SocketMode | None) -> web.RouteDef:
    """`GET /readyz`: 200 while Redis takes writes and, in Socket Mode, Slack is connected; else 503 and why not."""

    async def handle(_request: web.Request) -> web.Response:
        found = await redis.trouble(), sockets.trouble() if sockets else None
        problems = [problem for problem in found if problem]
        return web.Response(text="\n".join(problems or ["ok"]) + "\n", status=503 if problems else 200)

    return web.get("/readyz", handle)


def metrics_route(metrics: Metrics, refresh_gauges: RefreshGauges, *, token: SecretStr | None) -> web.RouteDef:
    """`GET /metrics`: needs the token as a bearer token or, where none is set, a request from this machine."""

    async def handle(request: web.Request) -> web.Response:
        if not _may_read_metrics(request, token):
            raise web.HTTPForbidden(text="Send METRICS_TOKEN as a bearer token, or ask from this machine.")
        await refresh_gauges()
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return web.get("/metrics", handle)


def read_body(raw: bytes) -> dict[str, Any]:
    """Read an event (JSON), an interaction (a form whose `payload` is JSON) or a command (a form).

    The signed bytes alone decide which it is. The content type is not signed: an event sent again under another type
    could pass for a command, with fields out of a message's text.
    """
    try:
        text = raw.decode()
        if text.lstrip()[:1] in {"{", "["}:
            body = json.loads(text)
        else:
            form = {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
            body = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text=MALFORMED) from None
    if not isinstance(body, dict) or not body:
        raise web.HTTPBadRequest(text=MALFORMED)
    return body


async def _raw_body(request: web.Request) -> bytes:
    """Return the bytes that were signed. Neither Slack nor Ayrshare compresses, and nothing unsigned is unpacked."""
    if "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType(text=MALFORMED)
    return await request.read()


def _is_signed(verifier: SignatureVerifier, raw: bytes, request: web.Request) -> bool:
    """Check the signature over the raw bytes (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= len("1234567890") + 1):
        return False
    try:
        return verifier.is_valid(raw, timestamp, signature)
    except (ValueError, TypeError):  # Slack sends UTF-8, and ASCII in the signature
        return False


def _may_read_metrics(request: web.Request, token: SecretStr | None) -> bool:
    if token is not None:
        sent = request.headers.get("Authorization", "")
        return hmac.compare_digest(
            sent.encode("utf-8", "surrogateescape"), f"Bearer {token.get_secret_value()}".encode()
        )
    forwarded = any(name in request.headers for name in FORWARDING_HEADERS)  # a local proxy speaks for others
    return not forwarded and ip_address(request.remote or "0.0.0.0").is_loopback  # noqa: S104 - nobody's address
