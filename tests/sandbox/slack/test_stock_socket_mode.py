"""Stock slack_sdk and stock slack_bolt over Socket Mode."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from sandbox.slack.socket_delivery import SocketDelivery
from tests.eventually import eventually
from tests.sandbox.control_client import ControlClient
from tests.sandbox.slack.blocks import actions, button, modal, text_input

Connect = Callable[..., Awaitable[SocketModeClient]]

# Bolt injects arguments by name, and its types for them are incomplete.


@pytest.fixture
async def bolt(sandbox: Sandbox, socket_mode: SocketDelivery, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """The stock slack_bolt with its own Socket Mode handler and without a signing secret."""
    app = AsyncApp(client=client)
    handler = AsyncSocketModeHandler(app, sandbox.slack.app_token, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt's own
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt's own


@pytest.fixture
async def connect(sandbox: Sandbox, socket_mode: SocketDelivery, client: AsyncWebClient) -> AsyncIterator[Connect]:
    """Connect a stock client with the given listener."""
    clients = []

    async def connect(listener: Any) -> SocketModeClient:
        stock = SocketModeClient(sandbox.slack.app_token, web_client=client, ping_interval=0.2)
        stock.socket_mode_request_listeners.append(listener)
        clients.append(stock)
        await stock.connect()  # type: ignore[no-untyped-call]  # slack_sdk's own
        return stock

    yield connect
    for stock in clients:
        await stock.close()  # type: ignore[no-untyped-call]  # slack_sdk's own


async def wait_for_command(control: ControlClient) -> None:
    async def look() -> bool:
        return bool((await control.command())["ok"])

    await eventually(look, "a command is acknowledged")


async def acknowledge(client: Any, request: SocketModeRequest) -> None:
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))


async def test_a_stock_client_acknowledges_a_command(connect: Connect, control: ControlClient) -> None:
    requests: list[SocketModeRequest] = []

    async def listener(client: Any, request: SocketModeRequest) -> None:
        requests.append(request)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "Hello"}))

    await connect(listener)
    assert (await control.command("there"))["ok"]
    assert await control.texts() == ["Hello"]
    [request] = requests
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert request.payload["text"] == "there"


async def test_a_whole_conversation_with_bolt(
    bolt: AsyncApp, sandbox: Sandbox, socket_mode: SocketDelivery, control: ControlClient
) -> None:
    @bolt.command("/connect")
    async def connect(ack: Any, client: Any, body: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("name"), callback_id="hi"))
        await ack(text="card", blocks=[actions(button(url="https://x.example/"))])

    @bolt.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await respond(text="opened", replace_original=True)
        await ack()

    @bolt.view("hi")
    async def submitted(ack: Any) -> None:
        await ack(response_action="errors", errors={"name": "no"})

    assert (await control.command())["ok"]
    assert (await control.click("go"))["opens"] == "https://x.example/"
    assert await control.texts() == ["opened"]
    view = await control.get("view", user="ben")
    submission = {"view_id": view["id"], "values": {"name": {"typed": "x"}}}
    assert (await control.post("submit", user="ben", **submission))["errors"] == {"name": "no"}
    assert (socket_mode.strays, sandbox.slack.events.pending) == (0, [])


async def test_bolt_gets_events_with_the_retry_number(bolt: AsyncApp, sandbox: Sandbox, control: ControlClient) -> None:
    events = []

    @bolt.event("app_home_opened")
    async def opened(event: Any, request: Any, client: Any) -> None:
        events.append((event["user"], request.headers["x-slack-retry-num"]))
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": []})

    async def published() -> Any:
        return await control.get("home", user="ben")

    assert (await eventually(published, "the Home tab is published"))["type"] == "home"
    assert events[0] == ("U0BEN0001", ["0"])
    assert sandbox.slack.events.pending == []


async def test_a_command_without_a_listener_is_not_acknowledged(
    bolt: AsyncApp, sandbox: Sandbox, control: ControlClient
) -> None:
    sandbox.slack.ack_deadline = 0.2
    assert (await control.command())["error"] == '/connect failed with the error "operation_timeout"'


async def test_several_clients_share_the_envelopes(connect: Connect, control: ControlClient) -> None:
    counts = [0, 0]

    def counting_listener(number: int) -> Any:
        async def listener(client: Any, request: SocketModeRequest) -> None:
            counts[number] += 1
            await acknowledge(client, request)

        return listener

    for number in (0, 1):
        await connect(counting_listener(number))
    for _ in range(6):
        assert (await control.command())["ok"]
    assert all(counts)
    assert sum(counts) == 6


@pytest.mark.parametrize("action", ["warn", "refresh", "drop"])
async def test_a_stock_client_reconnects(
    connect: Connect, sandbox: Sandbox, socket_mode: SocketDelivery, control: ControlClient, action: str
) -> None:
    stock = await connect(acknowledge)
    first = stock.current_session
    assert (await control.post("socket", do=action))["ok"]

    async def reconnected() -> bool:
        return stock.current_session is not first and await stock.is_connected()

    await eventually(reconnected, "the client has another socket")
    assert (await control.command())["ok"]
    assert (socket_mode.connected, socket_mode.strays) == (1, 0)


async def test_a_refresh_loses_no_command_with_two_sockets(
    connect: Connect, socket_mode: SocketDelivery, control: ControlClient
) -> None:
    for _ in range(2):
        await connect(acknowledge)
    for action in ("warn", "refresh"):
        await control.post("socket", do=action)
        for _ in range(10):
            assert (await control.command())["ok"]

        async def both_connected() -> bool:
            return socket_mode.connected == 2

        await eventually(both_connected, "both are connected")


async def test_a_stock_client_acknowledges_on_the_wrong_socket_after_a_refresh(
    connect: Connect, sandbox: Sandbox, socket_mode: SocketDelivery, control: ControlClient
) -> None:
    sandbox.slack.ack_deadline = 0.5
    refreshed = asyncio.Event()

    async def listener(client: Any, request: SocketModeRequest) -> None:
        await refreshed.wait()
        await acknowledge(client, request)

    stock = await connect(listener)
    first = stock.current_session
    typing = asyncio.create_task(control.command())

    async def sent() -> bool:
        return socket_mode.delivered == 1

    await eventually(sent, "the command is sent")
    await socket_mode.refresh()

    async def reconnected() -> bool:
        return stock.current_session is not first and await stock.is_connected()

    await eventually(reconnected, "the client has another socket")
    refreshed.set()
    assert "operation_timeout" in (await typing)["error"]
    assert socket_mode.strays == 1


async def test_a_stock_client_detects_a_silent_socket(
    connect: Connect, socket_mode: SocketDelivery, control: ControlClient
) -> None:
    stock = await connect(acknowledge)
    await wait_for_command(control)
    silent_session = stock.current_session
    socket_mode.silent = True

    async def gave_up() -> bool:
        return stock.current_session is not silent_session

    await eventually(gave_up, "the client replaces the session whose pings go unanswered", within=10)
    socket_mode.silent = False
    await wait_for_command(control)
