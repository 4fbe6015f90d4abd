"""`chat.*`: where the app may post and what it may update."""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, button, section
from tests.sandbox.slack.errors import error_of


async def test_a_message_to_a_user_is_posted_in_their_dm(control: ControlClient, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U0BEN0001", text="hello")
    assert posted["channel"] == "D0BEN0001"
    assert posted["message"]["bot_id"] == "B0CONNECT"
    [message] = await control.messages("ben", "D0BEN0001")
    assert (message["ts"], message["text"], message["ephemeral"]) == (posted["ts"], "hello", False)


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("U0LEO0001", "user_disabled"),
        ("U0ROBO001", "cannot_dm_bot"),
        ("USLACKBOT", "cannot_dm_bot"),
        ("U0ZOE0001", "channel_not_found"),
        ("U0NOBODY0", "channel_not_found"),
        ("C0RANDOM1", "not_in_channel"),
        ("C0SECRET1", "channel_not_found"),
        ("D0ANABEN1", "channel_not_found"),
        ("G0TRIO001", "channel_not_found"),
    ],
)
async def test_the_app_cannot_post_everywhere(client: AsyncWebClient, channel: str, error: str) -> None:
    assert await error_of(client.chat_postMessage(channel=channel, text="hello")) == error


async def test_a_public_channel_is_open_with_the_scope_for_it(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes.add("chat:write.public")
    assert (await client.chat_postMessage(channel="#random", text="hello"))["channel"] == "C0RANDOM1"
    sandbox.slack.world.channels["C0GENERAL"].is_archived = True
    sandbox.slack.scopes.discard("chat:write.public")
    assert await error_of(client.chat_postMessage(channel="C0GENERAL", text="hello")) == "is_archived"


async def test_a_message_needs_content(client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("chat.postMessage", json={"channel": "C0GENERAL", "text": " "})) == "no_text"


async def test_long_text_is_truncated(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000


async def test_timestamps_are_unique_strings(client: AsyncWebClient, clock: ManualClock) -> None:
    first = await client.chat_postMessage(channel="C0GENERAL", text="1")
    second = await client.chat_postMessage(channel="D0BEN0001", text="2")
    assert first["ts"] < second["ts"]
    assert first["ts"].split(".")[0] == str(int(clock.now().timestamp()))


async def test_an_ephemeral_message_is_seen_by_one_user_until_a_reload(
    control: ControlClient, client: AsyncWebClient
) -> None:
    posted = await client.chat_postEphemeral(channel="C0GENERAL", user="U0BEN0001", text="psst")
    [message] = await control.messages("ben")
    assert (message["ts"], message["ephemeral"]) == (posted["message_ts"], True)
    assert await control.messages("ana") == []
    await control.post("reload", user="ana")
    assert await control.texts("ben") == ["psst"]
    await control.post("reload", user="ben")
    assert await control.messages("ben") == []


async def test_an_ephemeral_message_cannot_be_changed(client: AsyncWebClient) -> None:
    posted = await client.chat_postEphemeral(channel="C0GENERAL", user="U0BEN0001", text="psst")
    where = {"channel": "C0GENERAL", "ts": posted["message_ts"]}
    assert await error_of(client.chat_update(**where, text="changed")) == "message_not_found"
    assert await error_of(client.chat_delete(**where)) == "message_not_found"


@pytest.mark.parametrize(
    ("channel", "user", "error"),
    [
        ("C0SECRET1", "U0BEN0001", "channel_not_found"),
        ("C0RANDOM1", "U0BEN0001", "not_in_channel"),
        ("C0GENERAL", "U0IDA0001", "user_not_in_channel"),
    ],
)
async def test_an_ephemeral_message_needs_the_app_and_the_user_in_the_channel(
    client: AsyncWebClient, channel: str, user: str, error: str
) -> None:
    assert await error_of(client.chat_postEphemeral(channel=channel, user=user, text="psst")) == error


async def test_an_ephemeral_message_reaches_neither_an_inactive_user_nor_an_unknown_thread(
    sandbox: Sandbox, control: ControlClient, client: AsyncWebClient
) -> None:
    where: dict[str, Any] = {"channel": "C0GENERAL", "user": "U0BEN0001"}
    assert (await client.chat_postEphemeral(**where, text="lost", thread_ts="1.000000"))["ok"]
    sandbox.slack.world.user("ben").is_active = False
    assert (await client.chat_postEphemeral(**where, text="lost"))["ok"]
    assert await control.messages("ben") == []


async def test_an_update_without_blocks_removes_them(
    control: ControlClient, client: AsyncWebClient, clock: ManualClock
) -> None:
    posted = await client.chat_postMessage(channel="C0GENERAL", text="card", blocks=[actions(button())])
    updated = await client.chat_update(channel="C0GENERAL", ts=posted["ts"], text="plain")
    assert updated["text"] == "plain"
    [message] = await control.messages("ana")
    assert (message["text"], message["blocks"], message["edited"]) == ("plain", [], True)
    await client.chat_delete(channel="C0GENERAL", ts=posted["ts"])
    assert await control.messages("ana") == []
    assert await error_of(client.chat_delete(channel="C0GENERAL", ts=posted["ts"])) == "message_not_found"


async def test_only_own_messages_can_be_changed(
    control: ControlClient, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    fake_app.will_respond({"response_type": "in_channel"})
    await control.command()
    [command] = await control.messages()
    where = {"channel": "C0GENERAL", "ts": command["ts"]}
    assert await error_of(client.chat_update(**where, text="changed")) == "cant_update_message"
    assert await error_of(client.chat_delete(**where)) == "cant_delete_message"


async def test_an_update_has_a_shorter_limit_and_needs_a_channel_id(client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="U0BEN0001", text="hello")
    too_long = client.chat_update(channel=posted["channel"], ts=posted["ts"], text="x" * 4001)
    assert await error_of(too_long) == "msg_too_long"
    by_user = client.chat_update(channel="U0BEN0001", ts=posted["ts"], text="changed")
    assert await error_of(by_user) == "channel_not_found"


async def test_previews_are_fetched_unless_both_flags_are_off(
    sandbox: Sandbox, control: ControlClient, client: AsyncWebClient, clock: ManualClock
) -> None:
    async def count_fetches(**flags: Any) -> int:
        before = len(sandbox.slack.crawled)
        clock.jump(timedelta(seconds=1))
        link = "https://profile.example/secret"
        blocks = [section(f"see <{link}|here>"), actions(button(url="https://profile.example/button"))]
        await client.chat_postMessage(channel="C0GENERAL", text=f"see {link}", blocks=blocks, **flags)
        return len(sandbox.slack.crawled) - before

    assert await count_fetches() == 2
    assert await count_fetches(unfurl_links=False) == 2
    assert await count_fetches(unfurl_links=False, unfurl_media=False) == 0
    assert {row["call"] for row in await control.get("calls", target="crawler")} == {"GET https://profile.example/…"}


async def test_previews_on_loopback_are_really_fetched(
    sandbox: Sandbox, client: AsyncWebClient, fake_app: FakeApp
) -> None:
    url = f"{sandbox.url}/slack/api/auth.test?token={sandbox.slack.bot_token}"
    await client.chat_postMessage(channel="C0GENERAL", text=url)
    await sandbox.slack.crawler.idle()
    assert [call["call"] for call in sandbox.received()] == ["chat.postMessage", "auth.test"]
