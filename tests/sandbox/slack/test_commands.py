"""What an app gets when somebody types a command, and what the person sees of its acknowledgement."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from sandbox.server import Sandbox
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener


async def test_all_fields_arrive(sandbox: Sandbox, control: Control, listener: Listener) -> None:
    assert (await control.command("hello there"))["ok"]
    form = listener.last.form
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
    ("channel", "told"),
    [("random", "random"), ("secret-plans", "privategroup"), ("D0ANABEN1", "directmessage"), ("C0GENERAL", "general")],
)
async def test_a_command_can_be_typed_where_the_bot_is_nobody(
    control: Control, listener: Listener, channel: str, told: str
) -> None:
    assert (await control.command(channel=channel))["ok"]
    assert listener.last.form["channel_name"] == told


@pytest.mark.parametrize(
    ("typed", "arrives"),
    [
        ("@ana", "<@U0ANA0001|ana>"),
        ("for @ana, please", "for <@U0ANA0001|ana>, please"),
        ("@Ana @nobody", "<@U0ANA0001|ana> @nobody"),
        ("#random", "<#C0RANDOM1|random>"),
        ("#secret-plans", "<#C0SECRET1|>"),
        ("@social-leads", "<!subteam^S0SOCIAL1|@social-leads>"),
        ("@here", "<!here>"),
        ("a & b <c>", "a &amp; b &lt;c&gt;"),
        ("<@U0ANA0001>", "&lt;@U0ANA0001&gt;"),
        ("mail ana@ben.example", "mail ana@ben.example"),
        ("see https://x.example/?a=1&b=2.", "see <https://x.example/?a=1&amp;b=2>."),
    ],
)
async def test_typed_text_is_escaped(control: Control, listener: Listener, typed: str, arrives: str) -> None:
    await control.command(typed)
    assert listener.last.form["text"] == arrives


async def test_a_private_channel_is_not_named_to_outsiders(control: Control, listener: Listener) -> None:
    await control.command("#secret-plans", user="eve")
    assert listener.last.form["text"] == "#secret-plans"


async def test_without_should_escape_text_arrives_as_typed(
    sandbox: Sandbox, control: Control, listener: Listener
) -> None:
    sandbox.slack.should_escape = False
    await control.command("@ana <b> & #random")
    assert listener.last.form["text"] == "@ana <b> & #random"


async def test_an_empty_acknowledgement_shows_nothing(control: Control, listener: Listener) -> None:
    assert (await control.command())["ok"]
    assert await control.messages() == []


async def test_a_text_acknowledgement_is_shown_to_the_caller_alone(control: Control, listener: Listener) -> None:
    listener.will_answer("Hello")
    await control.command()
    assert await control.texts("ben") == ["Hello"]
    assert await control.texts("ana") == []


async def test_a_json_acknowledgement_in_channel_reveals_the_command(control: Control, listener: Listener) -> None:
    listener.will_answer({"response_type": "in_channel", "text": "Here"})
    await control.command("secret wish")
    assert await control.texts("ana") == ["/connect secret wish", "Here"]


async def test_in_channel_alone_reveals_the_command_and_says_nothing(control: Control, listener: Listener) -> None:
    listener.will_answer({"response_type": "in_channel"})
    await control.command()
    assert await control.texts("ana") == ["/connect"]


@pytest.mark.parametrize(
    ("status", "word"),
    [(404, "http_client_error"), (302, "http_client_error"), (500, "http_service_error"), (503, "http_service_error")],
)
async def test_a_refused_acknowledgement_is_told_in_slacks_words(
    control: Control, listener: Listener, status: int, word: str
) -> None:
    listener.will_answer("ignored", status=status)
    answer = await control.command()
    assert (answer["ok"], answer["error"]) == (False, f'/connect failed with the error "{word}"')
    assert await control.messages() == []


async def test_an_unreachable_app_is_dispatch_failed(sandbox: Sandbox, control: Control) -> None:
    sandbox.bot_url = "http://127.0.0.1:9"
    assert "dispatch_failed" in (await control.command())["error"]
    sandbox.bot_url = ""
    assert "dispatch_failed" in (await control.command())["error"]


async def test_a_late_acknowledgement_is_dropped(sandbox: Sandbox, control: Control, listener: Listener) -> None:
    release = asyncio.Event()
    answer_at_once = listener.handle

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
    answer = await control.command()
    release.set()
    await runner.cleanup()
    assert answer["error"] == '/connect failed with the error "operation_timeout"'
    assert answer["ack_ms"] >= 100
    assert await control.messages() == []


@pytest.mark.parametrize("body", [["a list"], {"blocks": [{"type": "nonsense"}]}])
async def test_an_acknowledgement_that_cannot_be_shown_is_an_error(
    control: Control, listener: Listener, body: Any
) -> None:
    listener.will_answer(body)
    assert "invalid_command_response" in (await control.command())["error"]


@pytest.mark.parametrize(
    ("user", "channel"),
    [("eve", "secret-plans"), ("zoe", "partners"), ("leo", "D0LEO0001"), ("ida", "D0IDA0001"), ("ben", "partners")],
)
async def test_who_is_not_there_cannot_type(control: Control, listener: Listener, user: str, channel: str) -> None:
    assert not (await control.command(user=user, channel=channel))["ok"]
    assert listener.received == []


async def test_a_command_that_the_app_does_not_own_is_not_sent(
    sandbox: Sandbox, control: Control, listener: Listener
) -> None:
    sandbox.slack.commands = {"/other"}
    assert (await control.command())["error"] == "/connect is not a valid command."
    assert listener.received == []
