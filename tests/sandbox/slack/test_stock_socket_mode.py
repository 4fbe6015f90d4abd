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
from tests.sandbox.control_client import Control
from tests.sandbox.slack.blocks import actions, button, modal, text_input

Connect = Callable[..., Awaitable[SocketModeClient]]

# Bolt injects arguments by their names; its own types for them are unfinished.


@pytest.fixture
async def bolt(sandbox: Sandbox, socket_mode: SocketDelivery, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Stock slack_bolt, connected by its own handler; it has no signing secret."""
    app = AsyncApp(client=client)
    handler = AsyncSocketModeHandler(app, sandbox.slack.app_token, ping_interval=0.2)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt's own
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt's own


@pytest.fixture
async def connect(sandbox: Sandbox, socket_mode: SocketDelivery, client: AsyncWebClient) -> AsyncIterator[Connect]:
    """Connect a stock client whose listener is given."""
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


async def works_again(control: Control) -> None:
    async def look() -> bool:
        return bool((await control.command())["ok"])

    await eventually(look, "a command is acknowledged")


async def acknowledging(client: Any, request: SocketModeRequest) -> None:
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))


async def test_a_stock_client_acknowledges_a_command(connect: Connect, control: Control) -> None:
    seen: list[SocketModeRequest] = []

    async def listener(client: Any, request: SocketModeRequest) -> None:
        seen.append(request)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "Hello"}))

    await connect(listener)
    assert (await control.command("there"))["ok"]
    assert await control.texts() == ["Hello"]
    [request] = seen
    assert (request.type, request.accepts_response_payload) == ("slash_commands", True)
    assert request.payload["text"] == "there"


async def test_a_whole_conversation_with_bolt(
    bolt: AsyncApp, sandbox: Sandbox, socket_mode: SocketDelivery, control: Control
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
    filled = {"view_id": view["id"], "values": {"name": {"typed": "x"}}}
    assert (await control.post("submit", user="ben", **filled))["errors"] == {"name": "no"}
    assert (socket_mode.strays, sandbox.slack.events.pending) == (0, [])


async def test_bolt_hears_events_and_which_attempt_it_is(bolt: AsyncApp, sandbox: Sandbox, control: Control) -> None:
    heard = []

    @bolt.event("app_home_opened")
    async def opened(event: Any, request: Any, client: Any) -> None:
        heard.append((event["user"], request.headers["x-slack-retry-num"]))
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": []})

    async def published() -> Any:
        return await control.get("home", user="ben")

    assert (await eventually(published, "the Home tab is published"))["type"] == "home"
    assert heard[0] == ("U0BEN0001", ["0"])
    assert sandbox.slack.events.pending == []


async def test_what_bolt_does_not_handle_is_not_acknowledged(
    bolt: AsyncApp, sandbox: Sandbox, control: Control
) -> None:
    sandbox.slack.ack_deadline = 0.2
    assert (await control.command())["error"] == '/connect failed with the error "operation_timeout"'


async def test_several_clients_share_the_work(connect: Connect, control: Control) -> None:
    served = [0, 0]

    def serving(number: int) -> Any:
        async def listener(client: Any, request: SocketModeRequest) -> None:
            served[number] += 1
            await acknowledging(client, request)

        return listener

    for number in (0, 1):
        await connect(serving(number))
    for _ in range(6):
        assert (await control.command())["ok"]
    assert all(served)
    assert sum(served) == 6


@pytest.mark.parametrize("doing", ["warn", "refresh", "drop"])
async def test_a_stock_client_comes_back(
    connect: Connect, sandbox: Sandbox, socket_mode: SocketDelivery, control: Control, doing: str
) -> None:
    stock = await connect(acknowledging)
    first = stock.current_session
    assert (await control.post("socket", do=doing))["ok"]

    async def another() -> bool:
        return stock.current_session is not first and await stock.is_connected()

    await eventually(another, "the client has another socket")
    assert (await control.command())["ok"]
    assert (socket_mode.connected, socket_mode.strays) == (1, 0)


async def test_a_refresh_loses_no_command_where_there_are_two_sockets(
    connect: Connect, socket_mode: SocketDelivery, control: Control
) -> None:
    for _ in range(2):
        await connect(acknowledging)
    for doing in ("warn", "refresh"):
        await control.post("socket", do=doing)
        for _ in range(10):
            assert (await control.command())["ok"]

        async def both() -> bool:
            return socket_mode.connected == 2

        await eventually(both, "both are connected")


async def test_a_stock_client_that_answers_after_a_refresh_answers_on_the_wrong_socket(
    connect: Connect, sandbox: Sandbox, socket_mode: SocketDelivery, control: Control
) -> None:
    sandbox.slack.ack_deadline = 0.5
    refreshed = asyncio.Event()

    async def listener(client: Any, request: SocketModeRequest) -> None:
        await refreshed.wait()
        await acknowledging(client, request)

    stock = await connect(listener)
    first = stock.current_session
    typing = asyncio.create_task(control.command())

    async def sent() -> bool:
        return socket_mode.delivered == 1

    await eventually(sent, "the command is on its way")
    await socket_mode.refresh()

    async def another() -> bool:
        return stock.current_session is not first and await stock.is_connected()

    await eventually(another, "the client has another socket")
    refreshed.set()
    assert "operation_timeout" in (await typing)["error"]
    assert socket_mode.strays == 1


async def test_a_stock_client_notices_a_dead_line(
    connect: Connect, socket_mode: SocketDelivery, control: Control
) -> None:
    stock = await connect(acknowledging)
    await works_again(control)
    socket_mode.silent = True

    async def stale() -> bool:
        return await stock.is_ping_pong_failing()

    await eventually(stale, "its pings go unanswered", within=10)
    socket_mode.silent = False
    await works_again(control)
