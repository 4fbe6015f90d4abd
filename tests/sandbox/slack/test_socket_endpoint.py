"""`apps.connections.open` and the WebSockets behind its URLs: tokens, tickets and their expiry."""

import json
import re
import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from sandbox.slack.socket_delivery import SocketDelivery
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.slack.errors import error_of
from tests.sandbox.slack.socket_client import Connections


async def test_the_url_contains_a_ticket(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections
) -> None:
    host = sandbox.url.removeprefix("http://")
    url = await connections.request_url()
    query = r"\?ticket=[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}&app_id=[0-9a-f]{64}"
    assert re.fullmatch(f"ws://{host}/slack/link/{query}", url)
    assert url != await connections.request_url()


async def test_only_the_app_level_token_opens_connections(sandbox: Sandbox, client: AsyncWebClient) -> None:
    def open_with(token: str) -> Any:
        return client.apps_connections_open(app_token=token)

    assert sandbox.slack.app_token.startswith("xapp-1-A0CONNECT-")
    assert await error_of(open_with(sandbox.slack.bot_token)) == "not_allowed_token_type"
    assert await error_of(open_with("xapp-1-A0CONNECT-1-0123")) == "invalid_auth"
    sandbox.slack.app_scopes.clear()
    assert await error_of(open_with(sandbox.slack.app_token)) == "missing_scope"


async def test_the_app_level_token_is_rejected_by_other_methods(sandbox: Sandbox, client: AsyncWebClient) -> None:
    client.token = sandbox.slack.app_token
    assert await error_of(client.auth_test()) == "not_allowed_token_type"
    assert await error_of(client.chat_postMessage(channel="C0GENERAL", text="hi")) == "not_allowed_token_type"


async def test_the_app_level_token_is_only_accepted_in_the_header(
    sandbox: Sandbox, session: aiohttp.ClientSession
) -> None:
    url = f"{sandbox.url}/slack/api/apps.connections.open"
    async with session.post(url, data={"token": sandbox.slack.app_token}) as response:
        assert (await response.json())["error"] == "not_authed"
    async with session.post(url, headers={"Authorization": f"Bearer {sandbox.slack.app_token}"}) as response:
        assert (await response.json())["ok"]
        assert response.headers["X-OAuth-Scopes"] == "connections:write"


async def test_a_ticket_works_once(socket_mode: SocketDelivery, connections: Connections) -> None:
    url = await connections.request_url()
    await connections.open(url)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await connections.connect(url)
    assert socket_mode.connected == 1


async def test_a_ticket_expires(socket_mode: SocketDelivery, connections: Connections, clock: ManualClock) -> None:
    early, late = await connections.request_url(), await connections.request_url()
    await clock.advance(timedelta(seconds=30))
    await connections.open(early)
    await clock.advance(timedelta(seconds=1))
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await connections.connect(late)


async def test_an_unknown_ticket_is_rejected(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await connections.connect(f"ws{sandbox.url.removeprefix('http')}/slack/link/?ticket=mine")
    assert socket_mode.connected == 0


async def test_ten_urls_a_minute_are_allowed(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, clock: ManualClock
) -> None:
    sandbox.slack.rate_limits = True
    for _ in range(10):
        await connections.request_url()
    assert await error_of(connections.request_url()) == "ratelimited"
    await clock.advance(timedelta(minutes=1))
    assert await connections.request_url()


async def test_with_socket_mode_off_a_socket_is_rejected(sandbox: Sandbox, connections: Connections) -> None:
    connection = await connections.connect()
    frame = await connection.frame()
    assert (frame["type"], frame["reason"]) == ("disconnect", "link_disabled")
    await connection.closed()
    assert sandbox.slack.sockets.connected == 0


async def test_the_response_warns_when_socket_mode_is_off(sandbox: Sandbox, client: AsyncWebClient) -> None:
    response = await client.apps_connections_open(app_token=sandbox.slack.app_token)
    assert response["response_metadata"]["messages"] == ["[WARN] Socket Mode is not turned on."]
    sandbox.slack.socket_mode = True
    response = await client.apps_connections_open(app_token=sandbox.slack.app_token)
    assert "response_metadata" not in response.data


async def test_faults_apply_to_the_request_for_a_url(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    await control.post("fault", target="slack", kind="latency", ms=80)
    started = time.monotonic()
    await connections.request_url()
    assert time.monotonic() - started >= 0.08
    await control.post("fault", target="slack", kind="internal_error")
    assert await error_of(connections.request_url()) == "internal_error"


async def test_the_log_shows_neither_tickets_nor_tokens(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    url = await connections.request_url()
    await connections.open(url)
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await connections.connect(url)
    calls = await control.get("calls", target="slack")
    assert [(call["call"], call["status"]) for call in calls] == [
        ("apps.connections.open", 200),
        ("link", 101),
        ("link", 403),
    ]
    ticket = url.partition("ticket=")[2].partition("&")[0]
    assert ticket not in json.dumps(calls)
    assert sandbox.slack.app_token not in json.dumps(calls)
    world = await control.get("world")
    assert (world["slack"]["app_token"], world["slack"]["socket_mode"]) == (sandbox.slack.app_token, True)
