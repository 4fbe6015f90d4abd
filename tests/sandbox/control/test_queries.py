"""Control calls that show the state of the sandbox."""

import json
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control.ayrshare_api import call_api, key_of
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp


async def test_the_world_contains_all_that_a_client_needs(sandbox: Sandbox, control: ControlClient) -> None:
    world = await control.get("world")
    slack, ayrshare = world["slack"], world["ayrshare"]
    client = AsyncWebClient(slack["bot_token"], base_url=slack["api_url"], session=control.session)
    assert (await client.auth_test())["team_id"] == world["team"]["id"] == "T0CONNECT"
    assert slack["signing_secret"] == sandbox.slack.signing_secret
    headers = {"Authorization": f"Bearer {ayrshare['api_key']}"}
    async with control.session.get(f"{ayrshare['api_url']}/profiles", headers=headers) as response:
        titles = {profile["title"] for profile in (await response.json())["profiles"]}
    assert {profile["title"] for profile in world["profiles"]} <= titles
    assert ayrshare["private_key"].startswith("-----BEGIN")
    assert world["bot"] == {"url": ""}


async def test_the_world_contains_users_groups_and_channels(control: ControlClient) -> None:
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


async def test_calls_are_shown_without_secrets(sandbox: Sandbox, control: ControlClient, fake_app: FakeApp) -> None:
    await control.command()
    response_url = fake_app.last.form["response_url"]
    link = "https://profile.example/connect?jwt=eyJhbGciOi.eyJzdWIi.c2lnbmVk"
    async with control.session.post(response_url, json={"text": f"see <{link}|here>"}) as response:
        assert response.ok
    form = {"token": sandbox.slack.bot_token, "user": sandbox.slack.bot_token}
    async with control.session.post(f"{sandbox.url}/slack/api/users.info", data=form) as response:
        assert response.ok
    calls = await control.get("calls", target="slack")
    assert [call["call"] for call in calls] == ["response_url", "users.info"]
    log = json.dumps(calls)
    for secret in (sandbox.slack.bot_token, response_url, response_url.rsplit("/", 1)[1], link, "eyJzdWIi"):
        assert secret not in log
    assert calls[0]["args"]["text"] == "see <https://profile.example/…|here>"
    assert await control.get("calls", target="slack", since=str(calls[0]["n"])) == calls[1:]


async def test_what_devices_say_of_messages_is_told_by_todays_rules(sandbox: Sandbox, control: ControlClient) -> None:
    world = await control.get("world")
    slack, ben = world["slack"], "U0BEN0001"
    client = AsyncWebClient(slack["bot_token"], base_url=slack["api_url"], session=control.session)
    block = {"type": "section", "text": {"type": "mrkdwn", "text": f"*For you*\nHi <@{ben}>"}}
    direct = await client.chat_postMessage(channel=ben, text="In short", blocks=[block])
    channel = next(one["id"] for one in world["channels"] if one["name"] == "general")
    await client.chat_postMessage(channel=channel, text="To all")
    await control.post("say", user="ana", channel="general", text="To @ben")
    await client.chat_postEphemeral(channel=channel, user=ben, text="Only to you")
    await control.post("say", user="ben", channel="general", text="My own")
    told = await control.get("notifications", viewer="ben")
    assert [(one["desktop"], one["phone"], one["notifies"], one["ephemeral"]) for one in told] == [
        ("For you\nHi @Ben Brandt", "In short", True, False),
        ("To all", "To all", False, False),
        ("To @Ben Brandt", "To @Ben Brandt", True, False),
        ("Only to you", "Only to you", False, True),
    ]
    assert (told[0]["channel"], told[0]["ts"]) == (direct["channel"], direct["ts"])
    assert await control.get("notifications", viewer="nobody") == {"ok": False, "error": "there is no user 'nobody'"}


EMAIL = {
    "to": "jane@acme.example",
    "company": "Acme",
    "contactEmail": "help@acme.example",
    "termsUrl": "https://acme.example/terms",
    "privacyUrl": "https://acme.example/privacy",
}


async def test_sent_emails_are_shown_without_their_links(
    sandbox: Sandbox, control: ControlClient, clock: ManualClock
) -> None:
    assert await control.get("mails") == []
    status, _ = await call_api(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), email=EMAIL
    )
    assert (status, await control.get("mails")) == (400, [])
    await control.post("switch", max_pack=True)
    _, session = await call_api(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), email=EMAIL
    )
    assert session["emailSent"] is True
    await clock.advance(timedelta(minutes=1))
    package = {"domain": sandbox.ayrshare.domain, "privateKey": sandbox.ayrshare.private_key_pem}
    jane = package | {"profileKey": sandbox.ayrshare.profiles[0].key, "email": EMAIL}
    _, created = await call_api(
        sandbox, control, "POST", "/profiles/generateJWT", key=key_of(sandbox, "Acme: Jane"), **jane
    )
    assert created["emailSent"] is True
    assert await control.get("mails") == [
        {**EMAIL, "title": "Globex", "at": "2026-11-20T12:00:00.000Z"},
        {**EMAIL, "title": "Acme: Jane", "at": "2026-11-20T12:01:00.000Z"},
    ]


@pytest.mark.parametrize(
    "email", ["jane@acme.example", {"to": "jane@acme.example"}, EMAIL | {"to": 7}, EMAIL | {"to": "x"}]
)
async def test_an_email_that_could_not_be_sent_is_not_shown(
    sandbox: Sandbox, control: ControlClient, email: Any
) -> None:
    await control.post("switch", max_pack=True)
    status, error = await call_api(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), email=email
    )
    assert (status, error["code"]) == (400, 333)
    assert await control.get("mails") == []
