"""Faults of the transport, the same for the Web API and for `response_url`s."""

import asyncio
import math

from aiohttp import web

from sandbox.faults import Faults
from sandbox.slack.api_types import Json, Refusal

KINDS = frozenset(
    {
        "latency",
        "error_500",
        "ratelimited",
        "timeout",
        "response_url_expired",
        "drop_connection",
        "lost_answer",
        "replay",
        "old_timestamp",
        "bad_signature",
        "internal_error",
    }
)
"""Every fault that the local Slack can play, here or elsewhere."""
ERROR_PAGE = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>Server Error</body></html>"


async def trouble(faults: Faults, request: web.Request, *, call: str) -> web.Response | None:
    """Play the next transport fault that may befall this call: wait, cut the connection, or answer in Slack's place."""
    if slow := faults.take("latency", method=call):
        await asyncio.sleep(slow.ms / 1000)
    fault = faults.take("timeout", "drop_connection", "error_500", "ratelimited", method=call)
    if fault is None:
        return None
    if fault.kind == "error_500":
        return web.Response(status=500, text=ERROR_PAGE, content_type="text/html")
    if fault.kind == "ratelimited":
        return refused(Refusal("ratelimited", retry_after=max(1, math.ceil(fault.ms / 1000))))
    await asyncio.sleep(fault.ms / 1000 if fault.kind == "timeout" else 0)
    return cut(request)


def cut(request: web.Request) -> web.Response:
    """Cut the connection; what is returned arrives nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def noted(request: web.Request, response: web.Response) -> Json:
    """Return what the log of calls tells of an answer: status 0 for one that cannot arrive."""
    if request.transport is None or request.transport.is_closing():
        return {"status": 0}
    seconds = response.headers.get("Retry-After")
    return {"status": response.status} | ({"retry_after": int(seconds)} if seconds else {})


def refused(refusal: Refusal, *, status: int = 200) -> web.Response:
    """Answer a refusal: 429 with `Retry-After` in seconds when the caller has to wait."""
    if refusal.retry_after:
        headers = {"Retry-After": str(refusal.retry_after)}
        return web.json_response(refusal.body, status=429, headers=headers)
    return web.json_response(refusal.body, status=status)
