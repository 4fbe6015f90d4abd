"""Opening a WebSocket to Slack, and how long Socket Mode waits for what.

https://docs.slack.dev/reference/methods/apps.connections.open
"""

import random
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.proxy import cause_of
from bot.slack.client import stated_wait
from bot.slack.socket import Disconnect, Hello, UnreadableFrame, read_frame
from bot.slack.socket_errors import AppTokenRefused, NotConnected, SocketModeOff

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
"""What Slack says of a token that only an operator can replace."""

WebSocket = aiohttp.ClientWebSocketResponse[Any]


@dataclass(frozen=True, slots=True)
class SocketTimings:
    """How long to wait, in seconds.

    Slack allows few new sockets a minute and says with a 429 how long to wait for the next one. The pauses here are
    for failures where it says nothing.
    """

    first_try: float = 5
    """How long the start waits for the token to be accepted."""
    greeting: float = 5
    silence: float = 15
    """A socket is given up after so long without a frame or an answer to our ping."""
    linger: float = 120
    """How long a socket is still read after Slack asked to replace it; Slack itself closes it after about 10."""
    first_pause: float = 0.5
    longest_pause: float = 30
    steady: float = 30
    """After a connection that lasted so long, the next pause is the first one again."""
    hasty: float = 5
    """A socket that Slack has replaced sooner, before it sent anything on it, is one of a storm."""
    renewal: float = 0.1
    """From such a socket to its successor; a third more each time. Others are replaced at once."""
    crowded: float = 20
    """The pause while an app has as many sockets as Slack allows."""
    refused: float = 60
    """The pause while a setting is wrong."""
    last_words: float = 0.5
    """For the last acknowledgements at the end of a socket, and for Slack to close its side."""

    def pause(self, failures: int, *, asked: float | None = None) -> float:
        """Return the pause after so many failures in a row, or a little more than `asked`.

        It doubles each time; up to half of it is jitter.
        """
        if asked is not None:
            return asked * random.uniform(1, 1.1)  # noqa: S311 - jitter, no secret
        longest: float = min(self.longest_pause, self.first_pause * 2 ** min(failures - 1, 16))
        return longest * random.uniform(0.5, 1)  # noqa: S311 - as above

    def spacing(self, replaced: int) -> float:
        """Return the time from a socket to its successor after so many in a row of a storm."""
        spacing: float = min(self.longest_pause, self.renewal * 1.3 ** min(replaced, 40))
        return spacing


async def connect(client: AsyncWebClient, app_token: SecretStr, timings: SocketTimings) -> WebSocket:
    """Open a socket and wait for Slack's greeting on it; raise NotConnected, AppTokenRefused."""
    try:
        ws = await _opened(client, await _address(client, app_token, timings), timings)
    except NotConnected:
        raise
    except Exception as error:  # noqa: BLE001 - of whatever kind, it is tried again; its text may hold the ticket
        raise NotConnected(f"Slack can't be reached ({cause_of(error)}).") from None
    try:
        await _greeted(ws, timings)
    except BaseException:
        await ws.close()
        raise
    return ws


def turned_away(reason: str, timings: SocketTimings) -> NotConnected:
    """Return the failure for a socket that ended without Slack asking for another."""
    if reason == "link_disabled":
        return SocketModeOff(wait=timings.refused)
    if reason == "too_many_websockets":
        return NotConnected(
            "All ten WebSockets that Slack allows an app are taken. Run five replicas at most.", wait=timings.crowded
        )
    return NotConnected(f"A WebSocket to Slack was lost ({reason}).")


async def _address(client: AsyncWebClient, app_token: SecretStr, timings: SocketTimings) -> str:
    try:
        reply = await client.apps_connections_open(app_token=app_token.get_secret_value())
    except SlackApiError as error:
        raise _refusal(error.response, timings) from None
    return str(reply["url"])


def _refusal(reply: Any, timings: SocketTimings) -> NotConnected:
    body = getattr(reply, "data", None)  # may be an error page
    reason = str(body.get("error"))[:100] if isinstance(body, dict) and "error" in body else "unknown"
    if reason in REFUSALS:
        return AppTokenRefused(reason, wait=timings.refused)
    asked_for = stated_wait(reply.headers)
    wait = asked_for.total_seconds() if asked_for else None
    return NotConnected(f"Slack opens no WebSocket ({reason}).", wait=wait)


async def _opened(client: AsyncWebClient, address: str, timings: SocketTimings) -> WebSocket:
    """Open a socket that ends when silent: aiohttp pings after `heartbeat` seconds and waits half as long again."""
    if client.session is None:
        raise AssertionError("the client is made with a session")
    return await client.session.ws_connect(
        address,
        heartbeat=timings.silence * 2 / 3,
        autoclose=False,  # when Slack closes, what it sent before is acknowledged first
        timeout=aiohttp.ClientWSTimeout(ws_close=timings.last_words),
        ssl=client.ssl or True,
    )


async def _greeted(ws: WebSocket, timings: SocketTimings) -> None:
    try:
        frame = read_frame(await ws.receive_str(timeout=timings.greeting))
    except (UnreadableFrame, aiohttp.WSMessageTypeError, TimeoutError):
        raise NotConnected("Slack opened a WebSocket and did not greet on it.") from None
    if isinstance(frame, Disconnect):
        raise turned_away(frame.reason, timings)
    if not isinstance(frame, Hello):
        raise NotConnected("Slack opened a WebSocket and did not greet on it.")
