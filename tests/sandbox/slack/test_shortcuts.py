"""A person uses a shortcut: what the app gets, and where there are no shortcuts."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import modal, section

USER = {"id": "U0BEN0001", "username": "ben", "team_id": "T0CONNECT"}


async def say(control: ControlClient, text: str, *, user: str = "cara", channel: str = "general") -> dict[str, Any]:
    """Post a message as a user, and return its channel and `ts`."""
    posted = await control.post("say", user=user, channel=channel, text=text)
    return {"channel": channel, "message_ts": posted["ts"]}


async def test_a_global_shortcut_has_no_channel_and_no_message(control: ControlClient, fake_app: FakeApp) -> None:
    assert (await control.post("shortcut", user="ben", callback_id="links"))["ok"]
    payload = fake_app.last.payload
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "links")
    assert (payload["user"], payload["team"]) == (USER, {"id": "T0CONNECT", "domain": "connect-demo"})
    assert payload["trigger_id"]
    assert payload["action_ts"]
    assert not {"response_url", "channel", "message"} & set(payload)


async def test_a_message_shortcut_contains_the_message_and_its_author(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp
) -> None:
    where = await say(control, "my Instagram is disconnected, @ana")
    assert (await control.post("shortcut", user="ben", callback_id="links", **where))["ok"]
    payload = fake_app.last.payload
    assert (payload["type"], payload["callback_id"], payload["user"]) == (
        "message_action",
        "links",
        {"id": "U0BEN0001", "name": "ben"},
    )
    assert payload["channel"] == {"id": "C0GENERAL", "name": "general"}
    assert payload["message"] == {
        "type": "message",
        "user": "U0CARA001",
        "team": "T0CONNECT",
        "ts": where["message_ts"],
        "text": "my Instagram is disconnected, <@U0ANA0001|ana>",
    }
    assert payload["message_ts"] == where["message_ts"]
    assert payload["trigger_id"]
    assert payload["response_url"].startswith(f"{sandbox.url}/slack/actions/")


async def test_a_message_shortcut_works_without_the_bot_and_its_reply_is_ephemeral(
    control: ControlClient, fake_app: FakeApp
) -> None:
    where = await say(control, "hi", user="ana", channel="D0ANABEN1")
    await control.post("shortcut", user="ben", callback_id="links", **where)
    payload = fake_app.last.payload
    assert payload["channel"]["name"] == "directmessage"
    async with control.session.post(payload["response_url"], json={"text": "noted"}) as response:
        assert response.status == 200
    assert await control.texts("ben", "D0ANABEN1") == ["hi", "noted"]
    assert await control.texts("ana", "D0ANABEN1") == ["hi"]


async def test_a_message_shortcut_contains_all_of_the_apps_own_message(
    control: ControlClient, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    metadata = {"event_type": "invitation", "event_payload": {"id": "7"}}
    posted = await client.chat_postMessage(channel="U0BEN0001", text="card", metadata=metadata)
    where = {"channel": posted["channel"], "message_ts": posted["ts"]}
    await control.post("shortcut", user="ben", callback_id="links", **where)
    message = fake_app.last.payload["message"]
    assert (message["bot_id"], message["user"], message["metadata"]) == (
        "B0CONNECT",
        "U0CONNECT",
        {"event_type": "invitation"},
    )


async def test_the_trigger_id_of_a_shortcut_opens_a_modal(
    control: ControlClient, client: AsyncWebClient, fake_app: FakeApp, clock: ManualClock
) -> None:
    await control.post("shortcut", user="ben", callback_id="links")
    await clock.advance(timedelta(seconds=3))
    await client.views_open(trigger_id=fake_app.last.payload["trigger_id"], view=modal(section("whom?")))
    assert (await control.get("view", user="ben"))["title"]["text"] == "Title"


async def test_an_ephemeral_message_has_no_shortcuts(
    control: ControlClient, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    posted = await client.chat_postEphemeral(channel="C0GENERAL", user="U0BEN0001", text="psst")
    where = {"channel": "general", "message_ts": posted["message_ts"]}
    result = await control.post("shortcut", user="ben", callback_id="links", **where)
    assert result == {"ok": False, "error": "an ephemeral message has no shortcuts"}
    assert fake_app.received == []


@pytest.mark.parametrize("user", ["leo", "ida", "zoe"])
async def test_a_user_without_a_client_here_has_no_shortcuts(
    control: ControlClient, fake_app: FakeApp, user: str
) -> None:
    assert not (await control.post("shortcut", user=user, callback_id="links"))["ok"]
    assert fake_app.received == []


async def test_a_message_that_the_user_does_not_see_has_no_shortcuts(control: ControlClient, fake_app: FakeApp) -> None:
    where = await say(control, "secret", user="ana", channel="secret-plans")
    assert "sees no message" in (await control.post("shortcut", user="eve", callback_id="links", **where))["error"]
    assert fake_app.received == []


async def test_a_shortcut_is_global_or_for_messages_as_the_manifest_says(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp
) -> None:
    sandbox.slack.shortcuts = {"anywhere": "global", "here": "message"}
    where = await say(control, "hi")
    assert (await control.post("shortcut", user="ben", callback_id="anywhere"))["ok"]
    assert (await control.post("shortcut", user="ben", callback_id="here", **where))["ok"]
    for callback_id, place in (("here", {}), ("anywhere", where), ("nowhere", {})):
        result = await control.post("shortcut", user="ben", callback_id=callback_id, **place)
        assert result["error"].endswith(f"shortcut {callback_id!r}")
    assert len(fake_app.received) == 2
