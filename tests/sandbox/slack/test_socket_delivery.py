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
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, button, modal, option, text_input
from tests.sandbox.slack.socket_client import AppConnection, Connections

PICK = {"type": "external_select", "action_id": "pick"}
CARD = {"text": "card", "blocks": [actions(button())]}


async def conversation(
    control: ControlClient, connection: AppConnection, payload: Any = None, text: str = ""
) -> tuple[Any, Any]:
    """Type a command, acknowledge it, and return the result and the envelope."""
    result, envelope = await asyncio.gather(control.command(text), connection.acknowledge_next(payload))
    return result, envelope


async def test_the_first_frame_of_a_socket_is_hello(
    socket_mode: SocketDelivery, connections: Connections, clock: ManualClock
) -> None:
    await connections.open()
    hello = await (await connections.connect()).frame()
    debug_info = hello.pop("debug_info")
    assert hello == {"type": "hello", "num_connections": 2, "connection_info": {"app_id": "A0CONNECT"}}
    assert debug_info["started"] == f"{clock.now():%Y-%m-%d %H:%M:%S}.000"
    assert {"host", "build_number", "approximate_connection_time"} < set(debug_info)


async def test_a_command_is_an_object_of_strings(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient, fake_app: FakeApp
) -> None:
    result, envelope = await conversation(control, await connections.open(), text="@ana")
    assert result["ok"]
    assert str(uuid.UUID(envelope["envelope_id"])) == envelope["envelope_id"]
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert not {"retry_attempt", "retry_reason"} & set(envelope)
    payload = envelope["payload"]
    assert all(isinstance(value, str) for value in payload.values())
    names = ("command", "text", "user_id", "api_app_id", "is_enterprise_install")
    assert [payload[name] for name in names] == ["/connect", "<@U0ANA0001|ana>", "U0BEN0001", "A0CONNECT", "false"]
    assert {"response_url", "trigger_id", "token", "team_id", "channel_id"} < set(payload)
    assert fake_app.received == []


@pytest.mark.parametrize(
    ("payload", "texts"),
    [(None, []), ("Hello", ["Hello"]), ({"text": "Hello"}, ["Hello"]), ({}, [])],
)
async def test_the_payload_of_an_acknowledgement_is_the_reply_to_a_command(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient, payload: Any, texts: list[str]
) -> None:
    result, _ = await conversation(control, await connections.open(), payload)
    assert result["ok"]
    assert await control.texts() == texts
    assert await control.texts("ana") == []


async def test_a_click_is_acknowledged_without_a_payload(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    connection = await connections.open()
    await conversation(control, connection, CARD)
    result, envelope = await asyncio.gather(control.click("go"), connection.acknowledge_next({"text": "ignored"}))
    assert result["ok"]
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", False)
    assert (envelope["payload"]["type"], envelope["payload"]["container"]["is_ephemeral"]) == ("block_actions", True)
    assert await control.texts() == ["card"]


async def test_the_payload_of_an_acknowledgement_is_the_response_to_a_submission(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient, client: AsyncWebClient
) -> None:
    connection = await connections.open()
    _, command = await conversation(control, connection)
    view = modal(text_input("name"), notify_on_close=True)
    opened = await client.views_open(trigger_id=command["payload"]["trigger_id"], view=view)
    submission = {"user": "ben", "view_id": opened["view"]["id"], "values": {"name": {"typed": "x"}}}
    errors = {"response_action": "errors", "errors": {"name": "too short"}}
    result, envelope = await asyncio.gather(control.post("submit", **submission), connection.acknowledge_next(errors))
    assert result["errors"] == {"name": "too short"}
    assert (envelope["payload"]["type"], envelope["accepts_response_payload"]) == ("view_submission", True)
    result, envelope = await asyncio.gather(
        control.post("close", user="ben", view_id=submission["view_id"]), connection.acknowledge_next()
    )
    assert result["ok"]
    assert (envelope["payload"]["type"], envelope["accepts_response_payload"]) == ("view_closed", False)


async def test_options_accept_a_payload_and_shortcuts_do_not(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    connection = await connections.open()
    await conversation(control, connection, {"text": "card", "blocks": [actions(PICK)]})
    clicking = asyncio.create_task(control.click("pick", value="b"))
    suggestions = [await connection.acknowledge_next({"options": [option("b")]}) for _ in ("b", "")]
    assert {envelope["payload"]["type"] for envelope in suggestions} == {"block_suggestion"}
    assert all(envelope["accepts_response_payload"] for envelope in suggestions)
    await connection.acknowledge_next()
    assert (await clicking)["ok"]
    _, envelope = await asyncio.gather(
        control.post("shortcut", user="ben", callback_id="go"), connection.acknowledge_next()
    )
    assert (envelope["payload"]["type"], envelope["accepts_response_payload"]) == ("shortcut", False)


async def test_an_acknowledgement_on_another_socket_is_a_stray(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    sandbox.slack.ack_deadline = 0.2
    right, wrong = await connections.open(), await connections.open()
    typing = asyncio.create_task(control.command())
    envelope = await right.frame()
    await wrong.acknowledge(envelope, {"text": "hi"})
    assert "operation_timeout" in (await typing)["error"]
    assert (socket_mode.strays, await control.messages()) == (1, [])


NOT_ACKNOWLEDGEMENTS = ['{"envelope_id": "mine"}', "{}", "[]", "nonsense", '"envelope_id"', "null", "[" * 100_000]


@pytest.mark.parametrize("frame", NOT_ACKNOWLEDGEMENTS, ids=lambda frame: frame[:20])
async def test_an_acknowledgement_of_no_envelope_is_a_stray(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient, frame: str
) -> None:
    connection = await connections.open()
    await connection.ws.send_str(frame)
    result, _ = await conversation(control, connection)
    assert (result["ok"], socket_mode.strays) == (True, 1)


async def test_a_late_or_repeated_acknowledgement_changes_nothing(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    connection = await connections.open()
    sandbox.slack.ack_deadline = 0.1
    assert (await control.command())["error"] == '/connect failed with the error "operation_timeout"'
    await connection.acknowledge_next({"text": "late"})
    sandbox.slack.ack_deadline = 3
    _, envelope = await conversation(control, connection)
    await connection.acknowledge(envelope, {"text": "twice"})
    assert (await conversation(control, connection))[0]["ok"]
    assert (await control.messages(), socket_mode.strays) == ([], 0)


async def test_without_a_socket_the_dispatch_fails(
    socket_mode: SocketDelivery, control: ControlClient, fake_app: FakeApp
) -> None:
    assert (await control.command())["error"] == '/connect failed with the error "dispatch_failed"'
    assert fake_app.received == []


async def test_payloads_are_distributed_over_the_sockets(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    opened = [await connections.open() for _ in range(3)]
    acknowledged = [0, 0, 0]

    async def serve(number: int) -> None:
        while True:
            await opened[number].acknowledge_next()
            acknowledged[number] += 1

    tasks = [asyncio.create_task(serve(number)) for number in range(3)]
    for _ in range(9):
        assert (await control.command())["ok"]
    for task in tasks:
        task.cancel()
    assert all(acknowledged)
    assert (sum(acknowledged), socket_mode.delivered) == (9, 9)


async def test_an_eleventh_socket_is_rejected(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    opened = [await connections.open() for _ in range(10)]
    eleventh = await connections.connect()
    frame = await eleventh.frame()
    assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
    await eleventh.closed()
    assert socket_mode.connected == 10
    await opened[0].ws.close()

    async def has_room() -> bool:
        return socket_mode.connected < 10

    await eventually(has_room, "a socket is closed")
    await connections.open()


async def test_a_command_is_lost_with_its_socket(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    sandbox.slack.ack_deadline = 0.3
    first, second = await connections.open(), await connections.open()
    typing = asyncio.create_task(control.command("lost"))
    await first.frame()
    await first.ws.close()
    assert (await typing)["error"] == '/connect failed with the error "operation_timeout"'
    result, envelope = await conversation(control, second, text="next")
    assert (result["ok"], envelope["payload"]["text"]) == (True, "next")


async def test_an_event_is_retried_over_any_socket(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, clock: ManualClock
) -> None:
    slack = sandbox.slack
    slack.ack_deadline = 0.05
    attempts = []
    connection = await connections.open()
    await slack.events.send({"type": "app_home_opened"})
    attempts.append(await connection.frame())
    await connection.ws.close()
    for pause in (0, 60, 300):
        connection = await connections.open()
        await clock.advance(timedelta(seconds=pause))
        assert await slack.events.send_due_retries() == 1
        attempts.append(await connection.frame())
        await connection.ws.close()
    await clock.advance(timedelta(days=1))
    assert await slack.events.send_due_retries() == 0
    retries = [(frame["retry_attempt"], frame["retry_reason"]) for frame in attempts]
    assert retries == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]
    assert len({frame["envelope_id"] for frame in attempts}) == 4
    assert len({frame["payload"]["event_id"] for frame in attempts}) == 1
    assert not any(frame["accepts_response_payload"] for frame in attempts)


async def test_an_acknowledged_event_is_not_retried(
    sandbox: Sandbox, socket_mode: SocketDelivery, connections: Connections, clock: ManualClock
) -> None:
    await sandbox.slack.events.send({"type": "tokens_revoked"})  # no socket is open yet
    connection = await connections.open()
    _, envelope = await asyncio.gather(sandbox.slack.events.send_due_retries(), connection.acknowledge_next())
    assert envelope["retry_attempt"] == 1
    await clock.advance(timedelta(days=1))
    assert await sandbox.slack.events.send_due_retries() == 0


async def test_a_replay_is_the_same_payload_in_another_envelope(
    socket_mode: SocketDelivery, connections: Connections, control: ControlClient
) -> None:
    connection = await connections.open()
    await control.post("fault", target="slack", kind="replay")
    typing = asyncio.create_task(control.command())
    first, second = await connection.acknowledge_next(), await connection.acknowledge_next()
    assert (await typing)["ok"]
    assert first["payload"] == second["payload"]
    assert first["envelope_id"] != second["envelope_id"]


async def test_slack_pings_and_answers_pings(socket_mode: SocketDelivery, connections: Connections) -> None:
    socket_mode.ping_every = 0.05
    connection = await connections.open()
    ping = await connection.message()
    assert (ping.type, ping.data.startswith(b"Ping from ")) == (aiohttp.WSMsgType.PING, True)
    socket_mode.ping_every = 10
    connection = await connections.open()
    await connection.ws.ping(b"sdk-ping-pong:1.5")
    pong = await connection.message()
    assert (pong.type, bytes(pong.data)) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1.5")


async def test_in_socket_mode_there_is_no_url_to_verify(
    sandbox: Sandbox, socket_mode: SocketDelivery, fake_app: FakeApp
) -> None:
    assert not await sandbox.slack.verify_url()
    assert fake_app.received == []
