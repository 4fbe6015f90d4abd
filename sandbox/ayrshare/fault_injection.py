"""Applies the faults of the local Ayrshare to its responses."""

import asyncio
import math

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox import unreadable
from sandbox.ayrshare.assumptions import BAD_PRIVATE_KEY, NEEDS_OTHER_PLAN
from sandbox.ayrshare.errors import ApiError
from sandbox.faults import Fault, Faults

DEFAULT_TIMEOUT_MS = 60_000
"""How long a `timeout` holds a call when the fault has no `ms`."""
POLL_SECONDS = 0.02
"""The pause between two checks whether the client is still connected."""

ERRORS = {
    "bad_api_key": (403, 102, "API Key not valid."),
    "profile_gone": (403, None, "Profile Key not valid."),
    "not_found": (404, None, "Profile not found."),
    "plan": (NEEDS_OTHER_PLAN, None, "Your plan does not include this feature."),
    "bad_key": (*BAD_PRIVATE_KEY, "Error generating JWT. secretOrPrivateKey must be an asymmetric key."),
    "status_error": (200, None, "Something went wrong."),
}
SERVER_ERRORS = {"error_500": 500, "error_502": 502, "error_503": 503, "error_504": 504}
CORRUPTIONS = {"truncated", "empty"}
TRANSPORT = {"latency", "timeout", "drop_connection", "rate_limited"}
KINDS = frozenset(TRANSPORT | ERRORS.keys() | SERVER_ERRORS.keys() | CORRUPTIONS | unreadable.KINDS)


async def respond_with_faults(request: web.Request, faults: Faults, handler: Handler) -> web.StreamResponse:
    """Answer a call with the next fault applied; raises ApiError for a fault that is an error response."""
    if slow := faults.take("latency"):
        await asyncio.sleep(slow.ms / 1_000)
    if fault := faults.take(*(KINDS - CORRUPTIONS - {"latency"})):
        return await _replacement(request, fault)
    corruption = faults.take(*CORRUPTIONS)
    response = await handler(request)
    if corruption and isinstance(response, web.Response):
        whole = response.text or ""
        response.text = whole[: len(whole) // 2] if corruption.kind == "truncated" else ""
    return response


async def _replacement(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Return the response that a fault puts in place of the real one; raises ApiError."""
    if fault.kind in unreadable.KINDS:
        return await unreadable.unreadable_answer(fault.kind, request)
    if fault.kind in ERRORS:
        status, code, message = ERRORS[fault.kind]
        raise ApiError(status, message, code=code)
    if fault.kind == "rate_limited":
        retry_after = {"Retry-After": str(math.ceil(fault.ms / 1_000))} if fault.ms else {}
        raise ApiError(429, "Too many requests.", headers=retry_after)
    if fault.kind in SERVER_ERRORS:
        html = f"<html><body><h1>{SERVER_ERRORS[fault.kind]}</h1></body></html>"
        return web.Response(status=SERVER_ERRORS[fault.kind], text=html, content_type="text/html")
    if fault.kind == "timeout":
        await _hold(request, fault.ms or DEFAULT_TIMEOUT_MS)
    if request.transport:
        request.transport.abort()
    return web.Response()


def _is_connected(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


async def _hold(request: web.Request, ms: int) -> None:
    """Wait so long, or until the client disconnects."""
    loop = asyncio.get_running_loop()
    until = loop.time() + ms / 1_000
    while _is_connected(request) and loop.time() < until:  # noqa: ASYNC110 - a client that disconnects sets no event
        await asyncio.sleep(POLL_SECONDS)
