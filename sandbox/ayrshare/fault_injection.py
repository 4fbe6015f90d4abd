"""Playing the faults that are switched on."""

import asyncio
import math

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.ayrshare.assumptions import BAD_PRIVATE_KEY, NEEDS_OTHER_PLAN
from sandbox.ayrshare.errors import Refusal
from sandbox.faults import Fault, Faults

HOLD = 60_000
"""Milliseconds for which a call is held where none are given."""
LOOK_AGAIN = 0.02
"""Seconds between two looks whether the client is still there."""

REFUSALS = {
    "bad_api_key": (403, 102, "API Key not valid."),
    "profile_gone": (403, None, "Profile Key not valid."),
    "not_found": (404, None, "Profile not found."),
    "plan": (NEEDS_OTHER_PLAN, None, "Your plan does not include this feature."),
    "bad_key": (*BAD_PRIVATE_KEY, "Error generating JWT. secretOrPrivateKey must be an asymmetric key."),
    "status_error": (200, None, "Something went wrong."),
}
BROKEN = {"error_500": 500, "error_502": 502, "error_503": 503, "error_504": 504}
SPOILT = {"truncated", "empty"}
KINDS = frozenset({"latency", "timeout", "drop_connection", "rate_limited", *REFUSALS, *BROKEN, *SPOILT})


async def meet(request: web.Request, faults: Faults, handler: Handler) -> web.StreamResponse:
    """Answer a call through whatever fault is on; raises Refusal for those that are refusals."""
    if late := faults.take("latency"):
        await asyncio.sleep(late.ms / 1_000)
    if fault := faults.take(*(KINDS - SPOILT - {"latency"})):
        return await _instead(request, fault)
    spoilt = faults.take(*SPOILT)
    response = await handler(request)
    if spoilt and isinstance(response, web.Response):
        whole = response.text or ""
        response.text = whole[: len(whole) // 2] if spoilt.kind == "truncated" else ""
    return response


async def _instead(request: web.Request, fault: Fault) -> web.Response:
    if fault.kind in REFUSALS:
        status, code, message = REFUSALS[fault.kind]
        raise Refusal(status, message, code=code)
    if fault.kind == "rate_limited":
        wait = {"Retry-After": str(math.ceil(fault.ms / 1_000))} if fault.ms else {}
        raise Refusal(429, "Too many requests.", headers=wait)
    if fault.kind in BROKEN:
        html = f"<html><body><h1>{BROKEN[fault.kind]}</h1></body></html>"
        return web.Response(status=BROKEN[fault.kind], text=html, content_type="text/html")
    if fault.kind == "timeout":
        await _hold(request, fault.ms or HOLD)
    if request.transport:
        request.transport.abort()
    return web.Response()


def _is_there(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


async def _hold(request: web.Request, ms: int) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + ms / 1_000
    while _is_there(request) and loop.time() < until:  # noqa: ASYNC110 - a client's going sets no event
        await asyncio.sleep(LOOK_AGAIN)
