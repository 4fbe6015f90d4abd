"""The routes, and the guard in front of Bolt: signature, size and form are judged before Bolt sees a request.

Bolt's own reading answers malformed headers with a 500 and loses commands that contain the word "payload".
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_sdk.signature import SignatureVerifier

from bot.ayrshare.webhook import WEBHOOK_PATH
from bot.core.errors import ConnectbotError
from bot.core.metrics import Metrics
from bot.settings import Settings
from bot.slack.bolt_dispatch import MALFORMED
from bot.slack.socket import Dispatch
from bot.slack.socket_mode import SocketMode
from bot.storage.connection import Connection


class CannotListen(ConnectbotError):
    """The port is taken, or the address is not this machine's."""

    kind = "cannot_listen"

    def __init__(self, host: str, port: int, *, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}, port {port}: {reason}. Set HOST or PORT to something else.")


LARGEST_BODY = 1024**2
OnAyrshareEvent = Callable[[bytes, Mapping[str, str]], Awaitable[int]]
RefreshGauges = Callable[[], Awaitable[None]]
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")


def slack_events(dispatch: Dispatch, *, signing_secret: str) -> Any:
    """Make the handler of `POST /slack/events`: commands, interactions and events."""
    verifier = SignatureVerifier(signing_secret)

    async def handle(request: web.Request) -> web.StreamResponse:
        raw = await _as_sent(request)
        if not _signed(verifier, raw, request):
            raise web.HTTPUnauthorized(text="The request is not signed by Slack, or too old.")
        body = read_body(raw)
        if body.get("type") == "url_verification":
            return web.json_response({"challenge": body.get("challenge")})
        if "ssl_check" in body:
            return web.Response()
        return await to_aiohttp_response(await dispatch(body))

    return handle


async def _as_sent(request: web.Request) -> bytes:
    """Return the bytes that were signed; neither Slack nor Ayrshare packs them, and nothing unsigned is unpacked."""
    if "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType(text=MALFORMED)
    return await request.read()


def _signed(verifier: SignatureVerifier, raw: bytes, request: web.Request) -> bool:
    """Check the signature over the raw bytes (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""
    timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= len("1234567890") + 1):
        return False
    try:
        return verifier.is_valid(raw, timestamp, signature)
    except (ValueError, TypeError):  # what is not UTF-8, or not ASCII in the signature, Slack did not send
        return False


def read_body(raw: bytes) -> dict[str, Any]:
    """Read an event (JSON), an interaction (a form whose `payload` is JSON) or a command (a form).

    What it is stands in the signed bytes. The content type is not signed: an event sent again under another type could
    pass for a command, with fields out of somebody's text.
    """
    try:
        text = raw.decode()
        json_body = text.lstrip()[:1] in {"{", "["}
        form = (
            {} if json_body else {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
        )
        body = json.loads(text) if json_body else json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text=MALFORMED) from None
    if not isinstance(body, dict) or not body:
        raise web.HTTPBadRequest(text=MALFORMED)
    return body


def ayrshare_webhook(hear: OnAyrshareEvent) -> Any:
    """Make the handler of `POST /ayrshare/webhook`."""

    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=await hear(await _as_sent(request), request.headers))

    return handle


def readiness(redis: Connection, sockets: SocketMode | None) -> Any:
    """Make the handler of `GET /readyz`: 200 while Redis answers and, in Socket Mode, Slack is heard; else 503."""

    async def handle(_request: web.Request) -> web.Response:
        troubles = [] if await redis.answers() else ["Redis does not answer."]
        if sockets is not None and (trouble := sockets.trouble()):
            troubles.append(trouble)
        return web.Response(text="\n".join(troubles or ["ok"]) + "\n", status=503 if troubles else 200)

    return handle


async def healthz(_request: web.Request) -> web.Response:
    """Say that the process lives."""
    return web.Response(text="ok\n")


def figures(metrics: Metrics, measure: RefreshGauges, *, token: SecretStr | None) -> Any:
    """Make the handler of `GET /metrics`: for who has the token or, where none is set, from this machine only."""

    async def handle(request: web.Request) -> web.Response:
        if not _may_see_figures(request, token):
            raise web.HTTPForbidden(text="Send METRICS_TOKEN as a bearer token, or ask from this machine.")
        await measure()
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return handle


def _may_see_figures(request: web.Request, token: SecretStr | None) -> bool:
    if token is not None:
        sent = request.headers.get("Authorization", "")
        return hmac.compare_digest(
            sent.encode("utf-8", "surrogateescape"), f"Bearer {token.get_secret_value()}".encode()
        )
    forwarded = any(name in request.headers for name in FORWARDED)  # a proxy on this machine speaks for others
    return not forwarded and ip_address(request.remote or "0.0.0.0").is_loopback  # noqa: S104 - nobody's address


def make_web(  # noqa: PLR0913, PLR0917 - what each route needs
    dispatch: Dispatch,
    hear: OnAyrshareEvent,
    measure: RefreshGauges,
    redis: Connection,
    metrics: Metrics,
    settings: Settings,
    sockets: SocketMode | None,
) -> web.Application:
    """Put the routes together.

    In Socket Mode Slack has none here, since it sends nothing over HTTP then; Ayrshare has none without a secret.
    """
    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readiness(redis, sockets))
    app.router.add_get("/metrics", figures(metrics, measure, token=settings.metrics_token))
    if settings.slack_signing_secret and sockets is None:
        secret = settings.slack_signing_secret.get_secret_value()
        app.router.add_post("/slack/events", slack_events(dispatch, signing_secret=secret))
    if settings.ayrshare_webhook_secret:
        app.router.add_post(WEBHOOK_PATH, ayrshare_webhook(hear))
    return app
