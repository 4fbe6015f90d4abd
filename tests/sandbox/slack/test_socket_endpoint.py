"""`apps.connections.open`: which token it takes, and how long its addresses are good."""

import json
import re
import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from sandbox.slack.socket_delivery import SocketDelivery
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.slack.socket_client import Lines


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_the_address_is_a_ticket_for_a_socket(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines
) -> None:
    host = sandbox.url.removeprefix("http://")
    address = await lines.address()
    query = r"\?ticket=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}&app_id=[0-9a-f]{64}"
    assert re.fullmatch(f"ws://{host}/slack/link/{query}", address)
    assert address != await lines.address()


async def test_only_the_app_level_token_opens_connections(sandbox: Sandbox, client: AsyncWebClient) -> None:
    def opening(token: str) -> Any:
        return client.apps_connections_open(app_token=token)

    assert sandbox.slack.app_token.startswith("xapp-1-A0CONNECT-")
    assert await error_of(opening(sandbox.slack.bot_token)) == "not_allowed_token_type"
    assert await error_of(opening("xapp-1-A0CONNECT-1-0123")) == "invalid_auth"
    sandbox.slack.app_scopes.clear()
    assert await error_of(opening(sandbox.slack.app_token)) == "missing_scope"


async def test_the_app_level_token_does_nothing_else(sandbox: Sandbox, client: AsyncWebClient) -> None:
    client.token = sandbox.slack.app_token
    assert await error_of(client.auth_test()) == "not_allowed_token_type"
    assert await error_of(client.chat_postMessage(channel="C0GENERAL", text="hi")) == "not_allowed_token_type"


async def test_the_app_level_token_counts_in_the_header_alone(sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
    url = f"{sandbox.url}/slack/api/apps.connections.open"
    async with session.post(url, data={"token": sandbox.slack.app_token}) as answer:
        assert (await answer.json())["error"] == "not_authed"
    async with session.post(url, headers={"Authorization": f"Bearer {sandbox.slack.app_token}"}) as answer:
        assert (await answer.json())["ok"]
        assert answer.headers["X-OAuth-Scopes"] == "connections:write"


async def test_a_ticket_works_once(socket_mode: SocketDelivery, lines: Lines) -> None:
    address = await lines.address()
    await lines.open(address)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await lines.connect(address)
    assert socket_mode.connected == 1


async def test_a_ticket_works_only_for_a_short_while(
    socket_mode: SocketDelivery, lines: Lines, clock: ManualClock
) -> None:
    early, late = await lines.address(), await lines.address()
    clock.advance(timedelta(seconds=30))
    await lines.open(early)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await lines.connect(late)


async def test_a_made_up_ticket_is_refused(sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await lines.connect(f"ws{sandbox.url.removeprefix('http')}/slack/link/?ticket=mine")
    assert socket_mode.connected == 0


async def test_ten_connections_may_be_asked_for_in_a_minute(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, clock: ManualClock
) -> None:
    sandbox.slack.rate_limits = True
    for _ in range(10):
        await lines.address()
    assert await error_of(lines.address()) == "ratelimited"
    clock.advance(timedelta(minutes=1))
    assert await lines.address()


async def test_with_socket_mode_off_a_socket_is_sent_away(sandbox: Sandbox, lines: Lines) -> None:
    line = await lines.connect()
    frame = await line.frame()
    assert (frame["type"], frame["reason"]) == ("disconnect", "link_disabled")
    await line.ends()
    assert sandbox.slack.sockets.connected == 0


async def test_the_answer_says_when_socket_mode_is_off(sandbox: Sandbox, client: AsyncWebClient) -> None:
    answer = await client.apps_connections_open(app_token=sandbox.slack.app_token)
    assert answer["response_metadata"]["messages"] == ["[WARN] Socket Mode is not turned on."]
    sandbox.slack.socket_mode = True
    answer = await client.apps_connections_open(app_token=sandbox.slack.app_token)
    assert "response_metadata" not in answer.data


async def test_opening_can_be_slow_and_can_fail(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    await control.post("fault", target="slack", kind="latency", ms=80)
    started = time.monotonic()
    await lines.address()
    assert time.monotonic() - started >= 0.08
    await control.post("fault", target="slack", kind="internal_error")
    assert await error_of(lines.address()) == "internal_error"


async def test_calls_show_neither_tickets_nor_tokens(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    address = await lines.address()
    await lines.open(address)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await lines.connect(address)
    calls = await control.get("calls", target="slack")
    assert [(call["call"], call["status"]) for call in calls] == [
        ("apps.connections.open", 200),
        ("link", 101),
        ("link", 403),
    ]
    ticket = address.partition("ticket=")[2].partition("&")[0]
    assert ticket not in json.dumps(calls)
    assert sandbox.slack.app_token not in json.dumps(calls)
    world = await control.get("world")
    assert (world["slack"]["app_token"], world["slack"]["socket_mode"]) == (sandbox.slack.app_token, True)
