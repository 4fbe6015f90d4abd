"""How sockets come to an end, and the control call that brings it about."""

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
from tests.sandbox.control_client import Control
from tests.sandbox.slack.socket_client import Line, Lines


async def reason(line: Line) -> str:
    frame = await line.frame()
    assert frame["type"] == "disconnect"
    return str(frame["reason"])


async def connected(sockets: SocketDelivery, count: int) -> None:
    async def look() -> bool:
        return sockets.connected == count

    await eventually(look, f"{count} sockets are open", last=lambda: sockets.connected)


async def test_the_oldest_socket_is_warned_and_then_refreshed(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    old, new = await lines.open(), await lines.open()
    assert (await control.post("socket", do="warn"))["ok"]
    assert await reason(old) == "warning"
    for _ in range(2):
        seen, _ = await asyncio.gather(control.command(), new.serve())
        assert seen["ok"]
    assert await reason(old) == "refresh_requested"
    await old.ends()
    await connected(socket_mode, 1)


async def test_a_warned_socket_serves_on_while_there_is_no_other(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    socket_mode.grace = 30
    line = await lines.open()
    await socket_mode.warn()
    assert await reason(line) == "warning"
    seen, _ = await asyncio.gather(control.command(), line.serve())
    assert seen["ok"]


async def test_a_refreshed_socket_gets_nothing_new(socket_mode: SocketDelivery, lines: Lines, control: Control) -> None:
    line = await lines.open()
    assert (await control.post("socket", do="refresh"))["ok"]
    assert await reason(line) == "refresh_requested"
    assert "dispatch_failed" in (await control.command())["error"]
    await line.ends()
    await connected(socket_mode, 0)


async def test_a_refreshed_socket_may_finish_what_it_was_given(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    socket_mode.grace = 0
    line = await lines.open()
    typing = asyncio.create_task(control.command())
    envelope = await line.frame()
    await socket_mode.refresh()
    assert await reason(line) == "refresh_requested"
    await line.acknowledge(envelope, {"text": "done"})
    assert (await typing)["ok"]
    assert await control.texts() == ["done"]
    await line.ends()


async def test_a_refreshed_socket_is_closed_even_if_it_never_finishes(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    sandbox.slack.ack_deadline, socket_mode.grace = 0.1, 0
    line = await lines.open()
    typing = asyncio.create_task(control.command())
    await line.frame()
    await socket_mode.refresh()
    assert "operation_timeout" in (await typing)["error"]
    assert await reason(line) == "refresh_requested"
    await line.ends()


async def test_each_refresh_takes_the_next_oldest(socket_mode: SocketDelivery, lines: Lines) -> None:
    opened = [await lines.open() for _ in range(2)]
    for line in opened:
        await socket_mode.refresh()
        assert await reason(line) == "refresh_requested"
    await connected(socket_mode, 0)


@pytest.mark.parametrize(("query", "life"), [("&debug_reconnects=true", 360), ("", 18060)])
async def test_a_socket_is_refreshed_at_the_end_of_its_life(
    socket_mode: SocketDelivery, lines: Lines, clock: ManualClock, query: str, life: int
) -> None:
    socket_mode.grace = 0.1
    line = await lines.connect(await lines.address() + query)
    assert (await line.frame())["debug_info"]["approximate_connection_time"] == life
    clock.advance(timedelta(seconds=life - 1))
    await socket_mode.warn_expiring()
    assert len(socket_mode.alive(SocketState.OPEN)) == 1
    clock.advance(timedelta(seconds=1))
    await socket_mode.warn_expiring()
    assert await reason(line) == "warning"
    assert await reason(line) == "refresh_requested"
    await line.ends()


async def test_disabling_closes_all(socket_mode: SocketDelivery, lines: Lines, control: Control) -> None:
    opened = [await lines.open() for _ in range(3)]
    disabling = asyncio.create_task(control.post("socket", do="disable"))
    for line in opened:
        assert await reason(line) == "link_disabled"
        await line.ends()
        await line.ws.close()
    assert (await disabling)["ok"]
    assert socket_mode.connected == 0


async def test_dropping_cuts_all_without_a_close_frame(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    opened = [await lines.open() for _ in range(2)]
    assert (await control.post("socket", do="drop"))["ok"]
    for line in opened:
        message = await line.control()
        assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    await connected(socket_mode, 0)


async def test_a_silent_socket_is_open_and_dead(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    sandbox.slack.ack_deadline, socket_mode.ping_every = 0.1, 0.02
    line = await lines.open()
    assert (await line.control()).type is aiohttp.WSMsgType.PING
    assert (await control.post("socket", do="silence"))["ok"]
    with suppress(TimeoutError):
        while True:  # what was on its way
            await line.ws.receive(timeout=0.1)
    await line.ws.ping(b"sdk-ping-pong:1")
    assert "operation_timeout" in (await control.command())["error"]
    with pytest.raises(TimeoutError):
        await line.ws.receive(timeout=0.1)
    assert (socket_mode.connected, socket_mode.silent) == (1, True)


async def test_a_socket_that_was_silent_speaks_again(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    sandbox.slack.ack_deadline = 0.1
    line = await lines.open()
    await control.post("socket", do="silence")
    assert "operation_timeout" in (await control.command("lost"))["error"]
    assert (await control.post("socket", do="resume"))["ok"]
    sandbox.slack.ack_deadline = 3
    seen, envelope = await asyncio.gather(control.command("heard"), line.serve())
    assert (seen["ok"], envelope["payload"]["text"]) == (True, "heard")


async def test_a_close_frame_is_not_answered_in_silence(socket_mode: SocketDelivery, lines: Lines) -> None:
    line = await lines.open()
    socket_mode.silent = True
    await line.ws.close()
    assert line.ws.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE
    await connected(socket_mode, 0)


async def test_a_socket_opened_in_silence_is_greeted_when_it_ends(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    socket_mode.silent = True
    line = await lines.connect()
    greeting = asyncio.create_task(line.frame())
    await connected(socket_mode, 1)
    assert not greeting.done()
    assert "dispatch_failed" in (await control.command())["error"]
    socket_mode.silent = False
    assert (await greeting)["type"] == "hello"
    seen, _ = await asyncio.gather(control.command(), line.serve())
    assert seen["ok"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "'do' is missing"),
        ({"do": "dance"}, 400, "warn, refresh, disable, silence, resume or drop"),
        ({"do": 7}, 400, "must be a string"),
        ({"do": "warn"}, 404, "no socket is open"),
        ({"do": "refresh"}, 404, "no socket is open"),
    ],
)
async def test_what_cannot_be_done_is_said_in_words(
    sandbox: Sandbox, session: aiohttp.ClientSession, body: dict[str, object], status: int, said: str
) -> None:
    async with session.post(f"{sandbox.url}/control/socket", json=body) as answer:
        told = await answer.json()
        assert (answer.status, told["ok"]) == (status, False)
        assert said in told["error"]
