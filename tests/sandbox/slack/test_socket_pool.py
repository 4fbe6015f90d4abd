"""How sockets are warned, refreshed, closed and silenced, also by the control call for it."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import aiohttp
import pytest

from sandbox.server import Sandbox
from sandbox.slack.socket import SocketState
from sandbox.slack.socket_delivery import SocketDelivery
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.sandbox.control_client import ControlClient
from tests.sandbox.slack.socket_client import AppConnection, Connections


async def disconnect_reason(connection: AppConnection) -> str:
    frame = await connection.frame()
    assert frame["type"] == "disconnect"
    return str(frame["reason"])


async def wait_for_sockets(sockets: SocketDelivery, count: int) -> None:
    async def look() -> bool:
        return sockets.connected == count

    await eventually(look, f"{count} sockets are open", last=lambda: sockets.connected)


async def test_the_oldest_socket_is_warned_and_then_refreshed(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    old, new = await connections.open(), await connections.open()
    assert (await control.post("socket", do="warn"))["ok"]
    assert await disconnect_reason(old) == "warning"
    for _ in range(2):
        result, _ = await asyncio.gather(control.command(), new.acknowledge_next())
        assert result["ok"]
    assert await disconnect_reason(old) == "refresh_requested"
    await old.closed()
    await wait_for_sockets(socket_mode, 1)


async def test_a_warned_socket_is_used_while_there_is_no_other(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    socket_mode.grace = 30
    connection = await connections.open()
    await socket_mode.warn()
    assert await disconnect_reason(connection) == "warning"
    result, _ = await asyncio.gather(control.command(), connection.acknowledge_next())
    assert result["ok"]


async def test_a_refreshed_socket_gets_no_new_envelopes(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    connection = await connections.open()
    assert (await control.post("socket", do="refresh"))["ok"]
    assert await disconnect_reason(connection) == "refresh_requested"
    assert "dispatch_failed" in (await control.command())["error"]
    await connection.closed()
    await wait_for_sockets(socket_mode, 0)


async def test_a_refreshed_socket_may_acknowledge_pending_envelopes(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    socket_mode.grace = 0
    connection = await connections.open()
    typing = asyncio.create_task(control.command())
    envelope = await connection.frame()
    await socket_mode.refresh()
    assert await disconnect_reason(connection) == "refresh_requested"
    await connection.acknowledge(envelope, {"text": "done"})
    assert (await typing)["ok"]
    assert await control.texts() == ["done"]
    await connection.closed()


async def test_a_refreshed_socket_is_closed_even_without_an_acknowledgement(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    sandbox.slack.ack_deadline, socket_mode.grace = 0.1, 0
    connection = await connections.open()
    typing = asyncio.create_task(control.command())
    await connection.frame()
    await socket_mode.refresh()
    assert "operation_timeout" in (await typing)["error"]
    assert await disconnect_reason(connection) == "refresh_requested"
    await connection.closed()


async def test_each_refresh_affects_the_next_oldest_socket(
    socket_mode: SocketDelivery, connections: Connections
) -> None:
    opened = [await connections.open() for _ in range(2)]
    for connection in opened:
        await socket_mode.refresh()
        assert await disconnect_reason(connection) == "refresh_requested"
    await wait_for_sockets(socket_mode, 0)


@pytest.mark.parametrize(("query", "lifetime"), [("&debug_reconnects=true", 360), ("", 18060)])
async def test_a_socket_is_refreshed_at_the_end_of_its_lifetime(
    socket_mode: SocketDelivery, connections: Connections, clock: ManualClock, query: str, lifetime: int
) -> None:
    socket_mode.grace = 0.1
    connection = await connections.connect(await connections.request_url() + query)
    assert (await connection.frame())["debug_info"]["approximate_connection_time"] == lifetime
    await clock.advance(timedelta(seconds=lifetime - 1))
    await socket_mode.warn_expiring()
    assert len(socket_mode.alive(SocketState.OPEN)) == 1
    await clock.advance(timedelta(seconds=1))
    await socket_mode.warn_expiring()
    assert await disconnect_reason(connection) == "warning"
    assert await disconnect_reason(connection) == "refresh_requested"
    await connection.closed()


async def test_disabling_closes_all_sockets(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    opened = [await connections.open() for _ in range(3)]
    disabling = asyncio.create_task(control.post("socket", do="disable"))
    for connection in opened:
        assert await disconnect_reason(connection) == "link_disabled"
        await connection.closed()
        await connection.ws.close()
    assert (await disabling)["ok"]
    assert socket_mode.connected == 0


async def test_dropping_aborts_all_sockets_without_a_close_frame(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    opened = [await connections.open() for _ in range(2)]
    assert (await control.post("socket", do="drop"))["ok"]
    for connection in opened:
        message = await connection.message()
        assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    await wait_for_sockets(socket_mode, 0)


async def test_a_silent_socket_is_open_but_sends_and_receives_nothing(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    sandbox.slack.ack_deadline, socket_mode.ping_every = 0.1, 0.02
    connection = await connections.open()
    assert (await connection.message()).type is aiohttp.WSMsgType.PING
    assert (await control.post("socket", do="silence"))["ok"]
    with suppress(TimeoutError):
        while True:  # frames that were sent before
            await connection.ws.receive(timeout=0.1)
    await connection.ws.ping(b"sdk-ping-pong:1")
    assert "operation_timeout" in (await control.command())["error"]
    with pytest.raises(TimeoutError):
        await connection.ws.receive(timeout=0.1)
    assert (socket_mode.connected, socket_mode.silent) == (1, True)


async def test_a_silent_socket_works_again_after_resume(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    sandbox.slack.ack_deadline = 0.1
    connection = await connections.open()
    await control.post("socket", do="silence")
    assert "operation_timeout" in (await control.command("lost"))["error"]
    assert (await control.post("socket", do="resume"))["ok"]
    sandbox.slack.ack_deadline = 3
    result, envelope = await asyncio.gather(control.command("received"), connection.acknowledge_next())
    assert (result["ok"], envelope["payload"]["text"]) == (True, "received")


async def test_a_silent_socket_does_not_answer_a_close_frame(
    socket_mode: SocketDelivery, connections: Connections
) -> None:
    connection = await connections.open()
    socket_mode.silent = True
    await connection.ws.close()
    assert connection.ws.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
    await wait_for_sockets(socket_mode, 0)


async def test_a_socket_opened_during_silence_gets_hello_after_it(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    socket_mode.silent = True
    connection = await connections.connect()
    first_frame = asyncio.create_task(connection.frame())
    await wait_for_sockets(socket_mode, 1)
    assert not first_frame.done()
    assert "dispatch_failed" in (await control.command())["error"]
    socket_mode.silent = False
    assert (await first_frame)["type"] == "hello"
    result, _ = await asyncio.gather(control.command(), connection.acknowledge_next())
    assert result["ok"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "'do' is missing"),
        ({"do": "dance"}, 400, "warn, refresh, disable, silence, resume or drop"),
        ({"do": 7}, 400, "must be a string"),
        ({"do": "warn"}, 404, "no socket is open"),
        ({"do": "refresh"}, 404, "no socket is open"),
    ],
)
async def test_an_invalid_socket_action_is_an_error_that_names_it(
    sandbox: Sandbox, session: aiohttp.ClientSession, body: dict[str, object], status: int, message: str
) -> None:
    async with session.post(f"{sandbox.url}/control/socket", json=body) as response:
        result = await response.json()
        assert (response.status, result["ok"]) == (status, False)
        assert message in result["error"]
