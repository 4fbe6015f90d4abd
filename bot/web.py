"""The routes. Slack's requests are checked for signature, size and form before Bolt sees them.

Bolt's own reading answers malformed headers with a 500 and loses commands that contain the word "payload".
"""

import hmac
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

from bot.ayrshare.webhook import WEBHOOK_PATH, AyrshareSignature
from bot.core.budget import begin_budget, end_budget
from bot.core.clock import Clock, seconds_of
from bot.core.metrics import Metrics
from bot.core.text import read_json
from bot.http.signed_body import SignedBodies
from bot.slack.bolt_dispatch import MALFORMED
from bot.slack.signature import INSTALL_PATH, REDIRECT_PATH, REQUEST_PATH, SlackSignature
from bot.slack.socket import Dispatch
from bot.slack.socket_mode import SocketMode
from bot.storage.connection import Connection
from bot.workspaces.install import InstallFlow

FORWARDING_HEADERS = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")

OnAyrshareEvent = Callable[[bytes], Awaitable[int]]
"""Takes a signed body; returns the HTTP status to answer with."""
RefreshGauges = Callable[[], Awaitable[None]]


@web.middleware
async def budgeted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give each request its budget of waiting for Redis."""
    begin_budget()
    return await handler(request)


def slack_route(dispatch: Dispatch, bodies: SignedBodies, *, signing_secret: SecretStr, clock: Clock) -> web.RouteDef:
    """`POST /slack/events`: commands, interactions and events."""
    signature = SlackSignature(signing_secret)

    async def handle(request: web.Request) -> web.StreamResponse:
        body = read_body(await bodies.read(request, signature, now=lambda: seconds_of(clock)))
        if body.get("type") == "url_verification":
            return web.json_response({"challenge": body.get("challenge")})
        if "ssl_check" in body:
            return web.Response()
        return await to_aiohttp_response(await dispatch(body))

    return web.post(REQUEST_PATH, handle)


def ayrshare_route(on_event: OnAyrshareEvent, bodies: SignedBodies, *, secret: SecretStr, clock: Clock) -> web.RouteDef:
    """`POST /ayrshare/webhook`: events about accounts."""
    signature = AyrshareSignature(secret)

    async def handle(request: web.Request) -> web.Response:
        raw = await bodies.read(request, signature, now=lambda: clock.now().timestamp())
        return web.Response(status=await on_event(raw))

    return web.post(WEBHOOK_PATH, handle)


def install_routes(flow: InstallFlow) -> Iterator[web.RouteDef]:
    """`GET /slack/install`, which leads to Slack, and `GET /slack/oauth_redirect`, to which Slack leads back."""

    async def begin(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await flow.begin(await to_bolt_request(request)))

    async def finish(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await flow.finish(await to_bolt_request(request)))

    yield web.get(INSTALL_PATH, begin, allow_head=False)
    yield web.get(REDIRECT_PATH, finish, allow_head=False)


def health_route() -> web.RouteDef:
    """`GET /healthz`: 200 while the process lives."""

    async def handle(_request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    return web.get("/healthz", handle)


def readiness_route(redis: Connection, sockets: SocketMode | None) -> web.RouteDef:
    """`GET /readyz`: 200 while Redis takes writes and, in Socket Mode, Slack is connected; else 503 and why not."""

    async def handle(_request: web.Request) -> web.Response:
        end_budget()  # a Cluster has many primaries, each of which may be slow
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
            body = read_json(text)
        else:
            form = {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
            body = read_json(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text=MALFORMED) from None
    if not isinstance(body, dict) or not body:
        raise web.HTTPBadRequest(text=MALFORMED)
    return body


def _may_read_metrics(request: web.Request, token: SecretStr | None) -> bool:
    if token is not None:
        sent = request.headers.get("Authorization", "")
        return hmac.compare_digest(
            sent.encode("utf-8", "surrogateescape"), f"Bearer {token.get_secret_value()}".encode()
        )
    forwarded = any(name in request.headers for name in FORWARDING_HEADERS)  # a local proxy speaks for others
    address = ip_address(request.remote or "::")
    return not forwarded and (getattr(address, "ipv4_mapped", None) or address).is_loopback
