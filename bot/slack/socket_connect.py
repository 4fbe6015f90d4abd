"""Asking Slack for a WebSocket and opening it: https://docs.slack.dev/reference/methods/apps.connections.open."""

from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.socket_errors import AppTokenRefused, NotConnected, turned_away
from bot.slack.socket_frames import Disconnect, Hello, UnreadableFrame, read_frame
from bot.slack.socket_timings import Timings

REFUSALS = frozenset(
    {
        "access_denied",
        "account_inactive",
        "forbidden_team",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
"""What Slack says of a token that time will not mend."""

WebSocket = aiohttp.ClientWebSocketResponse[Any]


async def connect(client: AsyncWebClient, app_token: SecretStr, timings: Timings) -> WebSocket:
    """Open a socket and wait for Slack's greeting on it; raise NotConnected, AppTokenRefused."""
    try:
        ws = await _opened(client, await _address(client, app_token, timings), timings)
    except NotConnected:
        raise
    except Exception as error:  # noqa: BLE001 - of whatever kind, it is tried again; its text may hold the ticket
        raise NotConnected(f"Slack can't be reached ({type(error).__name__}).") from None
    try:
        await _greeted(ws, timings)
    except BaseException:
        await ws.close()
        raise
    return ws


async def _address(client: AsyncWebClient, app_token: SecretStr, timings: Timings) -> str:
    try:
        reply = await client.apps_connections_open(app_token=app_token.get_secret_value())
    except SlackApiError as error:
        raise _refusal(error.response, timings) from None
    return str(reply["url"])


def _refusal(reply: Any, timings: Timings) -> NotConnected:
    told = getattr(reply, "data", None)  # whatever came, an error page too
    word = str(told.get("error"))[:100] if isinstance(told, dict) and "error" in told else "unknown"
    if word in REFUSALS:
        return AppTokenRefused(word, wait=timings.refused)
    asked_for = reply.headers.get("Retry-After", "")
    wait = float(asked_for) if asked_for.isascii() and asked_for.isdigit() else None
    return NotConnected(f"Slack opens no WebSocket ({word}).", wait=wait)


async def _opened(client: AsyncWebClient, address: str, timings: Timings) -> WebSocket:
    """Open a socket whose silence ends it: aiohttp pings after `heartbeat` seconds and waits half as long again."""
    if client.session is None:
        raise AssertionError("the client is made with a session")
    return await client.session.ws_connect(
        address,
        heartbeat=timings.silence * 2 / 3,
        autoclose=False,  # when Slack closes, what it sent before is acknowledged first
        timeout=aiohttp.ClientWSTimeout(ws_close=timings.last_words),
        proxy=client.proxy,
        ssl=client.ssl or True,
    )


async def _greeted(ws: WebSocket, timings: Timings) -> None:
    try:
        frame = read_frame(await ws.receive_str(timeout=timings.greeting))
    except (UnreadableFrame, aiohttp.WSMessageTypeError, TimeoutError):
        raise NotConnected("Slack opened a WebSocket and did not greet on it.") from None
    if isinstance(frame, Disconnect):
        raise turned_away(frame.reason, timings)
    if not isinstance(frame, Hello):
        raise NotConnected("Slack opened a WebSocket and did not greet on it.")
