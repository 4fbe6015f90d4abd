"""A person types a command: what the app gets, and what the person sees of its acknowledgement."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp


async def test_a_command_has_all_fields(sandbox: Sandbox, control: ControlClient, fake_app: FakeApp) -> None:
    assert (await control.command("hello there"))["ok"]
    form = fake_app.last.form
    assert form.pop("response_url").startswith(f"{sandbox.url}/slack/commands/T0CONNECT/")
    assert form.pop("trigger_id").count(".") == 2
    assert form.pop("token")
    assert form == {
        "team_id": "T0CONNECT",
        "team_domain": "connect-demo",
        "channel_id": "C0GENERAL",
        "channel_name": "general",
        "user_id": "U0BEN0001",
        "user_name": "ben",
        "command": "/connect",
        "text": "hello there",
        "api_app_id": "A0CONNECT",
        "is_enterprise_install": "false",
    }


@pytest.mark.parametrize(
    ("channel", "expected_name"),
    [("random", "random"), ("secret-plans", "privategroup"), ("D0ANABEN1", "directmessage"), ("C0GENERAL", "general")],
)
async def test_a_command_can_be_typed_in_channels_without_the_bot(
    control: ControlClient, fake_app: FakeApp, channel: str, expected_name: str
) -> None:
    assert (await control.command(channel=channel))["ok"]
    assert fake_app.last.form["channel_name"] == expected_name


async def test_an_empty_acknowledgement_shows_nothing(control: ControlClient, fake_app: FakeApp) -> None:
    assert (await control.command())["ok"]
    assert await control.messages() == []


async def test_a_text_acknowledgement_is_shown_only_to_the_caller(control: ControlClient, fake_app: FakeApp) -> None:
    fake_app.will_respond("Hello")
    await control.command()
    assert await control.texts("ben") == ["Hello"]
    assert await control.texts("ana") == []


async def test_a_json_acknowledgement_in_channel_shows_the_command_to_all(
    control: ControlClient, fake_app: FakeApp
) -> None:
    fake_app.will_respond({"response_type": "in_channel", "text": "Here"})
    await control.command("secret wish")
    assert await control.texts("ana") == ["/connect secret wish", "Here"]


async def test_in_channel_without_text_shows_only_the_command(control: ControlClient, fake_app: FakeApp) -> None:
    fake_app.will_respond({"response_type": "in_channel"})
    await control.command()
    assert await control.texts("ana") == ["/connect"]


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, "http_client_error"), (302, "http_client_error"), (500, "http_service_error"), (503, "http_service_error")],
)
async def test_a_failed_acknowledgement_is_shown_as_slacks_error(
    control: ControlClient, fake_app: FakeApp, status: int, error: str
) -> None:
    fake_app.will_respond("ignored", status=status)
    result = await control.command()
    assert (result["ok"], result["error"]) == (False, f'/connect failed with the error "{error}"')
    assert await control.messages() == []


async def test_an_unreachable_app_is_a_dispatch_failed(sandbox: Sandbox, control: ControlClient) -> None:
    sandbox.bot_url = "http://127.0.0.1:9"
    assert "dispatch_failed" in (await control.command())["error"]
    sandbox.bot_url = ""
    assert "dispatch_failed" in (await control.command())["error"]


async def test_a_late_acknowledgement_is_ignored(sandbox: Sandbox, control: ControlClient, fake_app: FakeApp) -> None:
    release = asyncio.Event()
    answer_at_once = fake_app.handle

    async def late(request: web.Request) -> web.Response:
        await release.wait()
        return await answer_at_once(request)

    app = web.Application()
    app.router.add_post("/slack/events", late)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox.bot_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    sandbox.slack.ack_deadline = 0.1
    result = await control.command()
    release.set()
    await runner.cleanup()
    assert result["error"] == '/connect failed with the error "operation_timeout"'
    assert result["ack_ms"] >= 100
    assert await control.messages() == []


@pytest.mark.parametrize("body", [["a list"], {"blocks": [{"type": "nonsense"}]}])
async def test_an_acknowledgement_that_cannot_be_shown_is_an_error(
    control: ControlClient, fake_app: FakeApp, body: Any
) -> None:
    fake_app.will_respond(body)
    assert "invalid_command_response" in (await control.command())["error"]


@pytest.mark.parametrize(
    ("user", "channel"),
    [("eve", "secret-plans"), ("zoe", "partners"), ("leo", "D0LEO0001"), ("ida", "D0IDA0001"), ("ben", "partners")],
)
async def test_a_user_who_is_not_in_the_channel_cannot_type(
    control: ControlClient, fake_app: FakeApp, user: str, channel: str
) -> None:
    assert not (await control.command(user=user, channel=channel))["ok"]
    assert fake_app.received == []


async def test_a_command_that_the_app_does_not_own_is_not_sent(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp
) -> None:
    sandbox.slack.commands = {"/other"}
    assert (await control.command())["error"] == "/connect is not a valid command."
    assert fake_app.received == []


async def test_slack_takes_no_command_in_a_thread(control: ControlClient, fake_app: FakeApp) -> None:
    posted = await control.post("say", user="ben", channel="general", text="the question")
    result = await control.post("command", user="ben", channel="general", command="/connect", thread_ts=posted["ts"])
    assert result["error"] == "/connect is not supported in threads. Sorry!"
    assert fake_app.received == []
