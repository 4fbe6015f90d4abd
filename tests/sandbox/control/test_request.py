"""The arguments of control calls, and the errors for wrong ones."""

import json
from http import HTTPStatus

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, option


async def test_names_and_ids_are_equivalent(control: ControlClient, fake_app: FakeApp) -> None:
    for user, channel in (("ben", "general"), ("@ben", "#general"), ("U0BEN0001", "C0GENERAL")):
        fake_app.will_respond("hi")
        assert (await control.command(user=user, channel=channel))["ok"]
    assert len(await control.messages("U0BEN0001", "#general")) == 3


@pytest.mark.parametrize(
    ("call", "body", "status", "message"),
    [
        ("command", "{", 400, "not JSON"),
        ("command", "[]", 400, "not a JSON object"),
        ("command", "{}", 400, "'user' is missing"),
        ("command", '{"user": 7}', 400, "'user' must be a string"),
        ("command", '{"user": "nobody", "channel": "general", "command": "/x"}', 404, "no user 'nobody'"),
        ("command", '{"user": "ben", "channel": "nowhere", "command": "/x"}', 404, "no channel 'nowhere'"),
        ("command", '{"user": "eve", "channel": "secret-plans", "command": "/x"}', 404, "eve is not in secret-plans"),
        ("click", '{"user": "ben", "action_id": "go"}', 400, "'channel' is missing"),
        ("click", '{"user": "ben", "action_id": "go", "channel": "general", "message_ts": "1.2"}', 404, "no message"),
        ("click", '{"user": "ben", "action_id": "go", "view_id": "V1"}', 404, "view 'V1'"),
        ("submit", '{"user": "ben", "view_id": "V1", "values": []}', 404, "view 'V1'"),
        ("submit", '{"user": "ben", "view_id": "V1", "values": {"a": "b"}}', 400, "object of objects"),
        ("fault", '{"target": "slack", "kind": "flood"}', 400, "unknown fault 'flood'"),
        ("fault", '{"target": "moon", "kind": "latency"}', 400, "slack or ayrshare"),
        ("fault", '{"target": "slack", "kind": "latency", "ms": "long"}', 400, "'ms' must be a whole number"),
        ("fault", '{"target": "slack", "kind": "latency", "method": "chat.shout"}', 400, "'method' must be one of"),
        ("fault", '{"target": "ayrshare", "kind": "latency", "method": "auth.test"}', 400, "'method' must be one of"),
        ("say", '{"user": "ben", "channel": "general"}', 400, "'text' is missing"),
        ("say", '{"user": "eve", "channel": "secret-plans", "text": "hi"}', 404, "eve is not in secret-plans"),
        ("people", "{}", 400, "'count' must be a whole number from 1 to 10000"),
        ("people", '{"count": 1, "profiles": "yes"}', 400, "'profiles' must be true or false"),
        ("people", '{"count": 1, "group": "everyone"}', 400, "cannot have the handle 'everyone'"),
        ("people", '{"count": 1, "group": "Big Team"}', 400, "cannot have the handle 'Big Team'"),
        ("people", '{"count": 1, "group": "social-leads"}', 400, "'social-leads' is taken"),
        ("people", '{"count": 1, "group": "ana"}', 400, "'ana' is taken"),
        ("switch", "{}", 400, "at least one is needed of plan"),
        ("switch", '{"max_park": true}', 400, "unknown: max_park"),
        ("switch", '{"max_pack": "yes"}', 400, "'max_pack' must be true or false"),
        ("switch", '{"token_style": "paper"}', 400, "'token_style' must be jwt or session"),
        ("switch", '{"link_seconds": 0}', 400, "'link_seconds' must be a whole number from 1"),
        ("ayrshare", '{"profile": "Globex"}', 400, "'do' is missing"),
        ("ayrshare", '{"do": "shout", "profile": "Globex"}', 400, "'do' must be one of link, unlink"),
        ("ayrshare", '{"do": "suspend"}', 400, "'profile' is missing"),
        ("ayrshare", '{"do": "unlink", "profile": "Globex"}', 400, "'network' is missing"),
        (
            "ayrshare",
            '{"do": "unlink", "profile": "Globex", "network": "youtube", "details": 7}',
            400,
            "'details' must",
        ),
        ("ayrshare", '{"do": "link", "profile": "Globex", "network": "myspace"}', 400, "no network 'myspace'"),
        ("ayrshare", '{"do": "delete", "profile": "Acme"}', 404, "no profile 'Acme'"),
        (
            "ayrshare",
            '{"do": "unlink", "profile": "Globex", "network": "tiktok"}',
            404,
            "tiktok is not linked to 'Globex'",
        ),
        ("ayrshare", '{"do": "refresh", "profile": "Globex", "network": "youtube", "days": -1}', 400, "'days' must be"),
        ("reload", "null", 400, "not a JSON object"),
    ],
)
async def test_a_wrong_argument_is_an_error_that_names_it(
    sandbox: Sandbox, session: aiohttp.ClientSession, call: str, body: str, status: int, message: str
) -> None:
    async with session.post(f"{sandbox.url}/control/{call}", data=body) as response:
        result = await response.json()
        assert (response.status, result["ok"]) == (status, False)
        assert message in result["error"]


@pytest.mark.parametrize(
    ("call", "query", "status"),
    [
        ("messages", {"viewer": "ben"}, 400),
        ("messages", {"viewer": "eve", "channel": "secret-plans"}, 404),
        ("view", {}, 400),
        ("calls", {"since": "-1"}, 400),
        ("calls", {"target": "moon"}, 400),
    ],
)
async def test_a_wrong_argument_in_a_query_is_an_error(
    sandbox: Sandbox, session: aiohttp.ClientSession, call: str, query: dict[str, str], status: int
) -> None:
    async with session.get(f"{sandbox.url}/control/{call}", params=query) as response:
        assert (response.status, (await response.json())["ok"]) == (status, False)


async def test_what_is_typed_is_a_command_if_it_begins_with_a_slash(control: ControlClient, fake_app: FakeApp) -> None:
    for text in ("  /connect  help  me ", "Good morning", "   "):
        assert (await control.post("type", user="cara", channel="general", text=text))["ok"]
    assert (fake_app.last.form["command"], fake_app.last.form["text"]) == ("/connect", "help  me")
    assert await control.texts() == ["Good morning"]
    refused = await control.post("type", user="cara", channel="general", text="/connect", thread_ts="1.2")
    assert "not supported in threads" in refused["error"]


@pytest.mark.parametrize(
    ("fields", "selected"),
    [
        ([("values/a%2Fb%22/many/many", ""), ("values/a%2Fb%22/many/many", "two")], ["two"]),
        ([("values/a%2Fb%22/many/many", "")], []),
    ],
    ids=["ticked", "none ticked"],
)
async def test_a_form_of_the_page_says_what_was_chosen_in_an_element(
    control: ControlClient, fake_app: FakeApp, fields: list[tuple[str, str]], selected: list[str]
) -> None:
    boxes = {"type": "checkboxes", "action_id": "many", "options": [option("one"), option("two")]}
    fake_app.will_respond({"text": "Which?", "blocks": [actions(boxes) | {"block_id": 'a/b"'}]})
    await control.command()
    [message] = await control.messages()
    told = {"user": "ben", "channel": "general", "message_ts": message["ts"], "action_id": "many", "block_id": 'a/b"'}
    form, query = aiohttp.FormData(fields, default_to_multipart=True), {"told": json.dumps(told)}
    async with control.session.post(f"{control.url}/control/click", params=query, data=form) as response:
        assert (await response.json())["ok"]
    [action] = fake_app.last.payload["actions"]
    assert [one["value"] for one in action["selected_options"]] == selected
    for wrong in ("nonsense", "[]"):
        form, query = aiohttp.FormData(default_to_multipart=True), {"told": wrong}
        async with control.session.post(f"{control.url}/control/click", params=query, data=form) as response:
            assert response.status == HTTPStatus.BAD_REQUEST
