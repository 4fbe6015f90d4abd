"""Shortcuts: what an app gets, and where there are none."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener
from tests.sandbox.slack.blocks import modal, section

USER = {"id": "U0BEN0001", "username": "ben", "name": "ben", "team_id": "T0CONNECT"}


async def said(control: Control, text: str, *, user: str = "cara", channel: str = "general") -> dict[str, Any]:
    """Let somebody post a message, and return where it stands."""
    posted = await control.post("say", user=user, channel=channel, text=text)
    return {"channel": channel, "message_ts": posted["ts"]}


async def test_a_global_shortcut_arrives_without_a_place(control: Control, listener: Listener) -> None:
    assert (await control.post("shortcut", user="ben", callback_id="links"))["ok"]
    payload = listener.last.payload
    assert (payload["type"], payload["callback_id"]) == ("shortcut", "links")
    assert (payload["user"], payload["team"]) == (USER, {"id": "T0CONNECT", "domain": "connect-demo"})
    assert payload["trigger_id"]
    assert payload["action_ts"]
    assert not {"response_url", "channel", "message"} & set(payload)


async def test_a_message_shortcut_arrives_with_the_message_and_who_wrote_it(
    sandbox: Sandbox, control: Control, listener: Listener
) -> None:
    where = await said(control, "my Instagram fell off, @ana")
    assert (await control.post("shortcut", user="ben", callback_id="links", **where))["ok"]
    payload = listener.last.payload
    assert (payload["type"], payload["callback_id"], payload["user"]) == ("message_action", "links", USER)
    assert payload["channel"] == {"id": "C0GENERAL", "name": "general"}
    assert payload["message"] == {
        "type": "message",
        "user": "U0CARA001",
        "team": "T0CONNECT",
        "ts": where["message_ts"],
        "text": "my Instagram fell off, <@U0ANA0001|ana>",
    }
    assert payload["message_ts"] == where["message_ts"]
    assert payload["trigger_id"]
    assert payload["response_url"].startswith(f"{sandbox.url}/slack/actions/")


async def test_a_message_shortcut_works_where_the_bot_is_nobody_and_answers_one_person(
    control: Control, listener: Listener
) -> None:
    where = await said(control, "hi", user="ana", channel="D0ANABEN1")
    await control.post("shortcut", user="ben", callback_id="links", **where)
    payload = listener.last.payload
    assert payload["channel"]["name"] == "directmessage"
    async with control.session.post(payload["response_url"], json={"text": "noted"}) as answer:
        assert answer.status == 200
    assert await control.texts("ben", "D0ANABEN1") == ["hi", "noted"]
    assert await control.texts("ana", "D0ANABEN1") == ["hi"]


async def test_a_message_of_the_apps_own_is_shown_whole(
    control: Control, client: AsyncWebClient, listener: Listener
) -> None:
    metadata = {"event_type": "invitation", "event_payload": {"id": "7"}}
    posted = await client.chat_postMessage(channel="U0BEN0001", text="card", metadata=metadata)
    where = {"channel": posted["channel"], "message_ts": posted["ts"]}
    await control.post("shortcut", user="ben", callback_id="links", **where)
    message = listener.last.payload["message"]
    assert (message["bot_id"], message["user"], message["metadata"]) == ("B0CONNECT", "U0CONNECT", metadata)


async def test_a_shortcuts_trigger_opens_one_modal(
    control: Control, client: AsyncWebClient, listener: Listener, clock: ManualClock
) -> None:
    await control.post("shortcut", user="ben", callback_id="links")
    clock.advance(timedelta(seconds=3))
    await client.views_open(trigger_id=listener.last.payload["trigger_id"], view=modal(section("whom?")))
    assert (await control.get("view", user="ben"))["title"]["text"] == "Title"


async def test_an_ephemeral_message_has_no_shortcuts(
    control: Control, client: AsyncWebClient, listener: Listener
) -> None:
    posted = await client.chat_postEphemeral(channel="C0GENERAL", user="U0BEN0001", text="psst")
    where = {"channel": "general", "message_ts": posted["message_ts"]}
    told = await control.post("shortcut", user="ben", callback_id="links", **where)
    assert told == {"ok": False, "error": "an ephemeral message has no shortcuts"}
    assert listener.received == []


@pytest.mark.parametrize("user", ["leo", "ida", "zoe"])
async def test_who_has_no_client_here_has_no_shortcuts(control: Control, listener: Listener, user: str) -> None:
    assert not (await control.post("shortcut", user=user, callback_id="links"))["ok"]
    assert listener.received == []


async def test_a_message_that_is_not_seen_offers_nothing(control: Control, listener: Listener) -> None:
    where = await said(control, "secret", user="ana", channel="secret-plans")
    assert "sees no message" in (await control.post("shortcut", user="eve", callback_id="links", **where))["error"]
    assert listener.received == []


async def test_a_shortcut_is_of_the_kind_that_the_manifest_says(
    sandbox: Sandbox, control: Control, listener: Listener
) -> None:
    sandbox.slack.shortcuts = {"anywhere": "global", "here": "message"}
    where = await said(control, "hi")
    assert (await control.post("shortcut", user="ben", callback_id="anywhere"))["ok"]
    assert (await control.post("shortcut", user="ben", callback_id="here", **where))["ok"]
    for callback_id, place in (("here", {}), ("anywhere", where), ("nowhere", {})):
        told = await control.post("shortcut", user="ben", callback_id=callback_id, **place)
        assert told["error"].endswith(f"shortcut {callback_id!r}")
    assert len(listener.received) == 2
