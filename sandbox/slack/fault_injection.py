"""Applies transport faults, the same for the Web API and for `response_url`s, and describes responses for the log."""

import asyncio
import math

from aiohttp import web

from sandbox import unreadable
from sandbox.faults import Faults
from sandbox.slack.api_types import ErrorResponse, Json

REFUSALS = frozenset(
    {
        "account_inactive",
        "cannot_dm_bot",
        "cant_update_message",
        "edit_window_closed",
        "internal_error",
        "invalid_auth",
        "message_not_found",
        "messages_tab_disabled",
        "missing_scope",
        "no_permission",
        "token_revoked",
        "user_not_found",
        "user_not_visible",
        "word_that_is_new",
    }
)
"""Refusals in Slack's own words (`ok: false`), one of which nobody knows yet."""
KINDS = frozenset(
    {
        "latency",
        "error_500",
        "ratelimited",
        "timeout",
        "response_url_expired",
        "drop_connection",
        "late_post",
        "lost_answer",
        "replay",
        "old_timestamp",
        "bad_signature",
        "disconnect_storm",
    }
    | REFUSALS
    | unreadable.KINDS
)
"""All faults of the local Slack; those that aren't of the transport are applied in other modules."""
ERROR_PAGE = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>Server Error</body></html>"


async def transport_fault(faults: Faults, request: web.Request, *, call: str) -> web.StreamResponse | None:
    """Apply the next transport fault of the call: wait, drop the connection, or return the response to send."""
    if slow := faults.take("latency", method=call):
        await asyncio.sleep(slow.ms / 1000)
    fault = faults.take("timeout", "drop_connection", "error_500", "ratelimited", *unreadable.KINDS, method=call)
    if fault is None:
        return None
    if fault.kind in unreadable.KINDS:
        return await unreadable.unreadable_answer(fault.kind, request)
    if fault.kind == "error_500":
        return web.Response(status=500, text=ERROR_PAGE, content_type="text/html")
    if fault.kind == "ratelimited":
        return error_response(ErrorResponse("ratelimited", retry_after=max(1, math.ceil(fault.ms / 1000))))
    await asyncio.sleep(fault.ms / 1000 if fault.kind == "timeout" else 0)
    return drop_connection(request)


def drop_connection(request: web.Request) -> web.Response:
    """Abort the connection; the returned response is never sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def response_details(request: web.Request, response: web.StreamResponse) -> Json:
    """Return what the log of calls shows of a response; the status is 0 if the connection was dropped."""
    if request.transport is None or request.transport.is_closing():
        return {"status": 0}
    seconds = response.headers.get("Retry-After")
    return {"status": response.status} | ({"retry_after": int(seconds)} if seconds else {})


def error_response(error: ErrorResponse, *, status: int = 200) -> web.Response:
    """Return the HTTP response of an error: 429 with `Retry-After` in seconds if the caller must wait."""
    if error.retry_after:
        headers = {"Retry-After": str(error.retry_after)}
        return web.json_response(error.body, status=429, headers=headers)
    return web.json_response(error.body, status=status)
