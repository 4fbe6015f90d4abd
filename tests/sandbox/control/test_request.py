"""The control calls themselves: what they show, and what they say to nonsense."""

import json

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener


async def test_the_world_tells_clients_all_they_need(sandbox: Sandbox, control: Control) -> None:
    world = await control.get("world")
    slack, ayrshare = world["slack"], world["ayrshare"]
    client = AsyncWebClient(slack["bot_token"], base_url=slack["api_url"], session=control.session)
    assert (await client.auth_test())["team_id"] == world["team"]["id"] == "T0CONNECT"
    assert slack["signing_secret"] == sandbox.slack.signing_secret
    headers = {"Authorization": f"Bearer {ayrshare['api_key']}"}
    async with control.session.get(f"{ayrshare['api_url']}/profiles", headers=headers) as answer:
        titles = {profile["title"] for profile in (await answer.json())["profiles"]}
    assert {profile["title"] for profile in world["profiles"]} <= titles
    assert ayrshare["private_key"].startswith("-----BEGIN")
    assert world["bot"] == {"url": ""}


async def test_the_world_names_people_and_channels(control: Control) -> None:
    world = await control.get("world")
    users = {user["name"]: user for user in world["users"]}
    assert (users["ana"]["id"], users["ana"]["dm"], users["ana"]["is_admin"]) == ("U0ANA0001", "D0ANA0001", True)
    assert (users["robo"]["dm"], users["zoe"]["dm"]) == (None, None)
    flagged = {name: [flag for flag, on in user.items() if on is True] for name, user in users.items()}
    assert flagged["gus"] == ["is_restricted"]
    assert flagged["ida"] == ["is_invited_user"]
    assert flagged["leo"] == ["deleted"]
    assert flagged["zoe"] == ["is_stranger"]
    assert flagged["ben"] == []
    assert (users["ben"]["tz"], users["dan"]["tz"]) == ("Europe/Berlin", "Asia/Tokyo")
    [leads] = world["usergroups"]
    assert (leads["id"], leads["handle"], leads["name"]) == ("S0SOCIAL1", "social-leads", "Social leads")
    assert leads["users"] == [users["ana"]["id"], users["ben"]["id"]]
    channels = {channel["name"]: channel for channel in world["channels"]}
    assert channels["secret-plans"]["is_private"]
    assert "U0CONNECT" not in channels["random"]["members"]


async def test_names_and_ids_mean_the_same(control: Control, listener: Listener) -> None:
    for user, channel in (("ben", "general"), ("@ben", "#general"), ("U0BEN0001", "C0GENERAL")):
        listener.will_answer("hi")
        assert (await control.command(user=user, channel=channel))["ok"]
    assert len(await control.messages("U0BEN0001", "#general")) == 3


@pytest.mark.parametrize(
    ("call", "body", "status", "said"),
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
        ("switch", "{}", 400, "at least one is needed of max_pack"),
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
async def test_nonsense_is_answered_in_words(
    sandbox: Sandbox, session: aiohttp.ClientSession, call: str, body: str, status: int, said: str
) -> None:
    async with session.post(f"{sandbox.url}/control/{call}", data=body) as answer:
        told = await answer.json()
        assert (answer.status, told["ok"]) == (status, False)
        assert said in told["error"]


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
async def test_nonsense_in_a_query_is_refused(
    sandbox: Sandbox, session: aiohttp.ClientSession, call: str, query: dict[str, str], status: int
) -> None:
    async with session.get(f"{sandbox.url}/control/{call}", params=query) as answer:
        assert (answer.status, (await answer.json())["ok"]) == (status, False)


async def test_calls_are_shown_without_secrets(sandbox: Sandbox, control: Control, listener: Listener) -> None:
    await control.command()
    response_url = listener.last.form["response_url"]
    link = "https://profile.example/connect?jwt=eyJhbGciOi.eyJzdWIi.c2lnbmVk"
    async with control.session.post(response_url, json={"text": f"see <{link}|here>"}) as answer:
        assert answer.ok
    form = {"token": sandbox.slack.bot_token, "user": sandbox.slack.bot_token}
    async with control.session.post(f"{sandbox.url}/slack/api/users.info", data=form) as answer:
        assert answer.ok
    calls = await control.get("calls", target="slack")
    assert [call["call"] for call in calls] == ["response_url", "users.info"]
    shown = json.dumps(calls)
    for secret in (sandbox.slack.bot_token, response_url, response_url.rsplit("/", 1)[1], link, "eyJzdWIi"):
        assert secret not in shown
    assert calls[0]["args"]["text"] == "see <https://profile.example/…|here>"
    assert await control.get("calls", target="slack", since=str(calls[0]["n"])) == calls[1:]


async def test_ayrshare_can_be_made_to_fail(sandbox: Sandbox, control: Control) -> None:
    kind = min(sandbox.ayrshare.faults.kinds)
    assert (await control.post("fault", target="ayrshare", kind=kind, times=2))["ok"]
    taken = [sandbox.ayrshare.faults.take(kind) for _ in range(3)]
    assert [fault is not None for fault in taken] == [True, True, False]
    assert await control.get("calls", target="ayrshare") == []
