"""Stock Bolt over HTTP has the same known problems here as with Slack."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from sandbox.server import Sandbox
from tests.eventually import eventually
from tests.sandbox.control_client import ControlClient
from tests.sandbox.slack.blocks import actions, button, modal, text_input

# Bolt injects arguments by name, and its types for them are incomplete.


async def test_a_whole_conversation(bolt: AsyncApp, control: ControlClient) -> None:
    @bolt.command("/connect")
    async def connect(ack: Any, respond: Any, client: Any, body: Any) -> None:
        await client.views_open(
            trigger_id=body["trigger_id"], view=modal(text_input("x", optional=True), callback_id="hi")
        )
        await ack()
        await respond(text="card", blocks=[actions(button(url="https://x.example/"))])

    @bolt.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await respond(text="opened", replace_original=True)
        await ack()

    @bolt.view("hi")
    async def submitted(ack: Any) -> None:
        await ack(response_action="errors", errors={"x": "no"})

    assert (await control.command())["ok"]
    await eventually(control.messages, "the card is there")
    assert (await control.click("go"))["opens"] == "https://x.example/"
    [message] = await control.messages()
    assert (message["text"], message["ephemeral"]) == ("opened", True)
    view = await control.get("view", user="ben")
    assert (await control.post("submit", user="ben", view_id=view["id"], values={}))["errors"] == {"x": "no"}


async def test_trap_1_an_acknowledgement_is_lost_when_the_listener_raises_at_once(
    bolt: AsyncApp, sandbox: Sandbox, control: ControlClient
) -> None:
    @bolt.command("/connect")
    async def connect(ack: Any) -> None:
        await ack()
        raise RuntimeError("before the poller looked")

    sandbox.slack.ack_deadline = 10
    result = await control.command()
    assert result["error"] == '/connect failed with the error "http_client_error"'
    assert result["ack_ms"] >= 2900


async def test_trap_2_a_command_with_the_word_payload_vanishes(bolt: AsyncApp, control: ControlClient) -> None:
    typed = []

    @bolt.command("/connect")
    async def connect(ack: Any, body: Any) -> None:
        typed.append(body["text"])
        await ack()

    assert (await control.command("hello"))["ok"]
    result = await control.command("payload")
    assert result["error"] == '/connect failed with the error "http_client_error"'
    assert typed == ["hello"]


async def test_trap_4_a_slow_acknowledgement_times_out(
    bolt: AsyncApp, sandbox: Sandbox, control: ControlClient
) -> None:
    forever = asyncio.Event()

    @bolt.command("/connect")
    async def connect(ack: Any) -> None:
        await forever.wait()
        await ack("too late")

    sandbox.slack.ack_deadline = 0.1
    result = await control.command()
    forever.set()
    assert result["error"] == '/connect failed with the error "operation_timeout"'
    assert await control.messages() == []


async def test_trap_6_a_url_button_without_a_listener_warns(bolt: AsyncApp, control: ControlClient) -> None:
    @bolt.command("/connect")
    async def connect(ack: Any) -> None:
        await ack(text="card", blocks=[actions(button(url="https://x.example/"))])

    await control.command()
    result = await control.click("go")
    assert (result["ok"], result["error"]) == (False, "http_client_error")
    assert result["opens"] == "https://x.example/"


@pytest.mark.parametrize("kind", ["bad_signature", "old_timestamp"])
async def test_bolt_rejects_a_request_that_is_not_from_slack(bolt: AsyncApp, control: ControlClient, kind: str) -> None:
    @bolt.command("/connect")
    async def connect(ack: Any) -> None:
        await ack()

    await control.post("fault", target="slack", kind=kind)
    assert not (await control.command())["ok"]
    assert (await control.command())["ok"]
