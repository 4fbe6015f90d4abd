"""Delivery over Socket Mode, frame by frame."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from sandbox.slack.socket_delivery import SocketDelivery
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener
from tests.sandbox.slack.blocks import actions, button, modal, option, text_input
from tests.sandbox.slack.socket_client import Line, Lines

PICK = {"type": "external_select", "action_id": "pick"}
CARD = {"text": "card", "blocks": [actions(button())]}


async def conversation(control: Control, line: Line, payload: Any = None, text: str = "") -> tuple[Any, Any]:
    """Type a command, acknowledge it, and return what the person saw and the envelope."""
    seen, envelope = await asyncio.gather(control.command(text), line.serve(payload))
    return seen, envelope


async def test_a_socket_is_greeted(socket_mode: SocketDelivery, lines: Lines, clock: ManualClock) -> None:
    await lines.open()
    hello = await (await lines.connect()).frame()
    debug_info = hello.pop("debug_info")
    assert hello == {"type": "hello", "num_connections": 2, "connection_info": {"app_id": "A0CONNECT"}}
    assert debug_info["started"] == f"{clock.now():%Y-%m-%d %H:%M:%S}.000"
    assert {"host", "build_number", "approximate_connection_time"} < set(debug_info)


async def test_a_command_comes_as_an_object_of_strings(
    socket_mode: SocketDelivery, lines: Lines, control: Control, listener: Listener
) -> None:
    seen, envelope = await conversation(control, await lines.open(), text="@ana")
    assert seen["ok"]
    assert str(uuid.UUID(envelope["envelope_id"])) == envelope["envelope_id"]
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert not {"retry_attempt", "retry_reason"} & set(envelope)
    payload = envelope["payload"]
    assert all(isinstance(value, str) for value in payload.values())
    named = ("command", "text", "user_id", "api_app_id", "is_enterprise_install")
    assert [payload[name] for name in named] == ["/connect", "<@U0ANA0001|ana>", "U0BEN0001", "A0CONNECT", "false"]
    assert {"response_url", "trigger_id", "token", "team_id", "channel_id"} < set(payload)
    assert listener.received == []


@pytest.mark.parametrize(
    ("payload", "texts"),
    [(None, []), ("Hello", ["Hello"]), ({"text": "Hello"}, ["Hello"]), ({}, [])],
)
async def test_an_acknowledgements_payload_is_a_commands_answer(
    socket_mode: SocketDelivery, lines: Lines, control: Control, payload: Any, texts: list[str]
) -> None:
    seen, _ = await conversation(control, await lines.open(), payload)
    assert seen["ok"]
    assert await control.texts() == texts
    assert await control.texts("ana") == []


async def test_a_click_is_acknowledged_without_a_payload(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    line = await lines.open()
    await conversation(control, line, CARD)
    seen, envelope = await asyncio.gather(control.click("go"), line.serve({"text": "ignored"}))
    assert seen["ok"]
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", False)
    assert (envelope["payload"]["type"], envelope["payload"]["container"]["is_ephemeral"]) == ("block_actions", True)
    assert await control.texts() == ["card"]


async def test_a_submission_is_answered_by_the_payload(
    socket_mode: SocketDelivery, lines: Lines, control: Control, client: AsyncWebClient
) -> None:
    line = await lines.open()
    _, command = await conversation(control, line)
    view = modal(text_input("name"), notify_on_close=True)
    opened = await client.views_open(trigger_id=command["payload"]["trigger_id"], view=view)
    filled = {"user": "ben", "view_id": opened["view"]["id"], "values": {"name": {"typed": "x"}}}
    errors = {"response_action": "errors", "errors": {"name": "too short"}}
    seen, envelope = await asyncio.gather(control.post("submit", **filled), line.serve(errors))
    assert seen["errors"] == {"name": "too short"}
    assert (envelope["payload"]["type"], envelope["accepts_response_payload"]) == ("view_submission", True)
    seen, envelope = await asyncio.gather(control.post("close", user="ben", view_id=filled["view_id"]), line.serve())
    assert seen["ok"]
    assert (envelope["payload"]["type"], envelope["accepts_response_payload"]) == ("view_closed", False)


async def test_options_are_asked_for_with_a_payload_and_shortcuts_without(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    line = await lines.open()
    await conversation(control, line, {"text": "card", "blocks": [actions(PICK)]})
    clicking = asyncio.create_task(control.click("pick", value="b"))
    suggestions = [await line.serve({"options": [option("b")]}) for _ in ("b", "")]
    assert {envelope["payload"]["type"] for envelope in suggestions} == {"block_suggestion"}
    assert all(envelope["accepts_response_payload"] for envelope in suggestions)
    await line.serve()
    assert (await clicking)["ok"]
    _, envelope = await asyncio.gather(control.post("shortcut", user="ben", callback_id="go"), line.serve())
    assert (envelope["payload"]["type"], envelope["accepts_response_payload"]) == ("shortcut", False)


async def test_an_acknowledgement_on_another_socket_is_a_stray(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    sandbox.slack.ack_deadline = 0.2
    right, wrong = await lines.open(), await lines.open()
    typing = asyncio.create_task(control.command())
    envelope = await right.frame()
    await wrong.acknowledge(envelope, {"text": "hi"})
    assert "operation_timeout" in (await typing)["error"]
    assert (socket_mode.strays, await control.messages()) == (1, [])


NOTHINGS = ['{"envelope_id": "mine"}', "{}", "[]", "nonsense", '"envelope_id"', "null", "[" * 100_000]


@pytest.mark.parametrize("frame", NOTHINGS, ids=lambda frame: frame[:20])
async def test_an_acknowledgement_of_nothing_is_a_stray(
    socket_mode: SocketDelivery, lines: Lines, control: Control, frame: str
) -> None:
    line = await lines.open()
    await line.ws.send_str(frame)
    seen, _ = await conversation(control, line)
    assert (seen["ok"], socket_mode.strays) == (True, 1)


async def test_a_late_or_repeated_acknowledgement_changes_nothing(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    line = await lines.open()
    sandbox.slack.ack_deadline = 0.1
    assert (await control.command())["error"] == '/connect failed with the error "operation_timeout"'
    await line.serve({"text": "late"})
    sandbox.slack.ack_deadline = 3
    _, envelope = await conversation(control, line)
    await line.acknowledge(envelope, {"text": "twice"})
    assert (await conversation(control, line))[0]["ok"]
    assert (await control.messages(), socket_mode.strays) == ([], 0)


async def test_without_a_socket_the_dispatch_fails(
    socket_mode: SocketDelivery, control: Control, listener: Listener
) -> None:
    assert (await control.command())["error"] == '/connect failed with the error "dispatch_failed"'
    assert listener.received == []


async def test_payloads_are_spread_over_the_sockets(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    opened = [await lines.open() for _ in range(3)]
    served = [0, 0, 0]

    async def serve(number: int) -> None:
        while True:
            await opened[number].serve()
            served[number] += 1

    serving = [asyncio.create_task(serve(number)) for number in range(3)]
    for _ in range(9):
        assert (await control.command())["ok"]
    for task in serving:
        task.cancel()
    assert all(served)
    assert (sum(served), socket_mode.delivered) == (9, 9)


async def test_an_eleventh_socket_is_sent_away(socket_mode: SocketDelivery, lines: Lines, control: Control) -> None:
    opened = [await lines.open() for _ in range(10)]
    eleventh = await lines.connect()
    frame = await eleventh.frame()
    assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
    await eleventh.ends()
    assert socket_mode.connected == 10
    await opened[0].ws.close()

    async def room() -> bool:
        return socket_mode.connected < 10

    await eventually(room, "a socket left")
    await lines.open()


async def test_a_socket_that_dies_takes_its_command_along(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    sandbox.slack.ack_deadline = 0.3
    first, second = await lines.open(), await lines.open()
    typing = asyncio.create_task(control.command("lost"))
    await first.frame()
    await first.ws.close()
    assert (await typing)["error"] == '/connect failed with the error "operation_timeout"'
    seen, envelope = await conversation(control, second, text="next")
    assert (seen["ok"], envelope["payload"]["text"]) == (True, "next")


async def test_an_event_is_sent_again_over_any_socket(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, clock: ManualClock
) -> None:
    slack = sandbox.slack
    slack.ack_deadline = 0.05
    attempts = []
    line = await lines.open()
    await slack.events.send({"type": "app_home_opened"})
    attempts.append(await line.frame())
    await line.ws.close()
    for pause in (0, 60, 300):
        line = await lines.open()
        clock.advance(timedelta(seconds=pause))
        assert await slack.events.send_due_retries() == 1
        attempts.append(await line.frame())
        await line.ws.close()
    clock.advance(timedelta(days=1))
    assert await slack.events.send_due_retries() == 0
    told = [(frame["retry_attempt"], frame["retry_reason"]) for frame in attempts]
    assert told == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
    assert len({frame["envelope_id"] for frame in attempts}) == 4
    assert len({frame["payload"]["event_id"] for frame in attempts}) == 1
    assert not any(frame["accepts_response_payload"] for frame in attempts)


async def test_an_acknowledged_event_is_not_sent_again(
    sandbox: Sandbox, socket_mode: SocketDelivery, lines: Lines, clock: ManualClock
) -> None:
    await sandbox.slack.events.send({"type": "tokens_revoked"})  # nobody is there yet
    line = await lines.open()
    _, envelope = await asyncio.gather(sandbox.slack.events.send_due_retries(), line.serve())
    assert envelope["retry_attempt"] == 1
    clock.advance(timedelta(days=1))
    assert await sandbox.slack.events.send_due_retries() == 0


async def test_a_replay_is_the_same_payload_in_another_envelope(
    socket_mode: SocketDelivery, lines: Lines, control: Control
) -> None:
    line = await lines.open()
    await control.post("fault", target="slack", kind="replay")
    typing = asyncio.create_task(control.command())
    first, second = await line.serve(), await line.serve()
    assert (await typing)["ok"]
    assert first["payload"] == second["payload"]
    assert first["envelope_id"] != second["envelope_id"]


async def test_slack_pings_and_answers_pings(socket_mode: SocketDelivery, lines: Lines) -> None:
    socket_mode.ping_every = 0.05
    line = await lines.open()
    ping = await line.control()
    assert (ping.type, ping.data.startswith(b"Ping from ")) == (aiohttp.WSMsgType.PING, True)
    socket_mode.ping_every = 10
    line = await lines.open()
    await line.ws.ping(b"sdk-ping-pong:1.5")
    pong = await line.control()
    assert (pong.type, bytes(pong.data)) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1.5")


async def test_in_socket_mode_there_is_no_address_to_verify(
    sandbox: Sandbox, socket_mode: SocketDelivery, listener: Listener
) -> None:
    assert not await sandbox.slack.verify_url()
    assert listener.received == []
