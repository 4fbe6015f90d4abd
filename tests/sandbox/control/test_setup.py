"""Control calls that prepare users, the Ayrshare account and faults."""

import time

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control.ayrshare_api import call_api, key_of
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp


@pytest.fixture
def client(sandbox: Sandbox, control: ControlClient) -> AsyncWebClient:
    return AsyncWebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/", session=control.session)


async def test_five_hundred_members_come_with_a_dm_a_group_and_zones(
    control: ControlClient, client: AsyncWebClient
) -> None:
    started = time.monotonic()
    added = await control.post("people", count=500, group="all-staff")
    assert time.monotonic() - started < 1
    assert (added["users"][0], added["users"][499], added["usergroup"]) == ("U0M00001", "U0M00500", "S0M00001")
    world = await control.get("world")
    people = {user["id"]: user for user in world["users"]}
    assert {people[user]["dm"] for user in added["users"]} <= {channel["id"] for channel in world["channels"]}
    assert (people["U0M00500"]["name"], people["U0M00500"]["dm"]) == ("m500", "D0M00500")
    assert len({people[user]["tz"] for user in added["users"]}) == 6
    groups = {group["handle"]: group for group in world["usergroups"]}
    assert groups["all-staff"]["users"] == added["users"]
    assert (await client.usergroups_users_list(usergroup="S0M00001"))["users"] == added["users"]
    person = (await client.users_info(user="U0M00002"))["user"]
    assert (person["tz"], person["tz_offset"], person["is_admin"]) == ("America/New_York", -18000, False)
    assert person["profile"]["email"] == "m2@connect.example"


async def test_added_members_type_commands_and_their_group_can_be_mentioned(
    control: ControlClient, fake_app: FakeApp
) -> None:
    await control.post("people", count=3, group="all-staff")
    assert (await control.command("send @all-staff or @m2", user="m3"))["ok"]
    assert fake_app.last.form["text"] == "send <!subteam^S0M00001|@all-staff> or <@U0M00002|m2>"
    assert fake_app.last.form["user_id"] == "U0M00003"


async def test_more_members_continue_the_numbers(control: ControlClient) -> None:
    await control.post("people", count=2)
    added = await control.post("people", count=2, group="late")
    assert added["users"] == ["U0M00003", "U0M00004"]
    world = await control.get("world")
    assert {group["handle"]: group["users"] for group in world["usergroups"]}["late"] == added["users"]


async def test_an_invalid_group_adds_nobody(control: ControlClient) -> None:
    before = await control.get("world")
    assert not (await control.post("people", count=5, group="here"))["ok"]
    assert await control.get("world") == before


async def test_each_member_can_have_a_profile_with_the_same_number(sandbox: Sandbox, control: ControlClient) -> None:
    headers = {"Authorization": f"Bearer {sandbox.ayrshare.api_key}"}
    url = f"{sandbox.url}/ayrshare/api"
    async with control.session.get(f"{url}/profiles", headers=headers) as response:
        assert (await response.json())["count"] == 4
    await control.post("people", count=3, profiles=True)
    async with control.session.get(f"{url}/profiles", headers=headers) as response:
        assert (await response.json())["count"] == 7
    profiles = {profile["title"]: profile for profile in (await control.get("world"))["profiles"]}
    assert {"Member 1", "Member 2", "Member 3"} <= set(profiles)
    async with control.session.get(
        f"{url}/user", headers=headers | {"Profile-Key": profiles["Member 2"]["key"]}
    ) as response:
        user = await response.json()
    assert (user["title"], user["refId"]) == ("Member 2", profiles["Member 2"]["ref_id"])
    assert "activeSocialAccounts" not in user


async def test_a_thousand_messages_are_posted_updated_and_found_in_seconds(
    sandbox: Sandbox, control: ControlClient, client: AsyncWebClient
) -> None:
    """Searching all messages for each card would take minutes."""
    sandbox.slack.rate_limits = False
    people = (await control.post("people", count=1_000))["users"]
    started = time.monotonic()
    cards = [await client.chat_postMessage(channel=user, text="5 minutes") for user in people]
    for card in cards:
        await client.chat_update(channel=card["channel"], ts=card["ts"], text="4 minutes")
    assert time.monotonic() - started < 20
    last = await client.conversations_history(channel=cards[-1]["channel"])
    assert [message["text"] for message in last["messages"]] == ["4 minutes"]
    rows = await control.get("calls", target="slack")
    assert [sum(row["call"] == call for row in rows) for call in ("chat.postMessage", "chat.update")] == [1_000, 1_000]


async def test_ten_thousand_members_are_added_in_seconds(control: ControlClient) -> None:
    """Searching all channels for each user would take minutes."""
    started = time.monotonic()
    await control.post("people", count=10_000, group="all-staff", profiles=True)
    world = await control.get("world")
    assert time.monotonic() - started < 10
    assert len({user["dm"] for user in world["users"]}) > 10_000


async def test_switch_changes_only_what_it_names(sandbox: Sandbox, control: ControlClient) -> None:
    on = await control.post("switch", max_pack=True, link_seconds=60)
    assert on == {
        "ok": True,
        "plan": "business",
        "max_pack": True,
        "token_style": "jwt",
        "link_seconds": 60,
        "signed_in": None,
    }
    assert (await control.post("switch", token_style="session"))["link_seconds"] == 60
    _, session = await call_api(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), expiresIn=30
    )
    assert session["expiresAt"] == "2026-11-20T12:01:00.000Z"
    off = await control.post("switch", plan="launch", max_pack=False, link_seconds=None)
    assert off == {
        "ok": True,
        "plan": "launch",
        "max_pack": False,
        "token_style": "session",
        "link_seconds": None,
        "signed_in": None,
    }
    status, _ = await call_api(
        sandbox, control, "POST", "/profiles/link-sessions", key=key_of(sandbox, "Globex"), expiresIn=30
    )
    assert status == 400


async def test_faults_are_added_to_ayrshare(sandbox: Sandbox, control: ControlClient) -> None:
    kind = min(sandbox.ayrshare.faults.kinds)
    assert (await control.post("fault", target="ayrshare", kind=kind, times=2))["ok"]
    used = [sandbox.ayrshare.faults.take(kind) for _ in range(3)]
    assert [fault is not None for fault in used] == [True, True, False]
    assert await control.get("calls", target="ayrshare") == []
