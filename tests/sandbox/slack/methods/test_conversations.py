"""`conversations.*` through the stock slack_sdk."""

from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.slack.errors import error_of


async def test_channels_that_the_bot_cannot_see_are_not_found(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.scopes |= {"channels:read", "groups:read", "im:read"}
    assert (await client.conversations_info(channel="C0RANDOM1"))["channel"]["is_member"] is False
    assert (await client.conversations_info(channel="D0BEN0001"))["channel"]["user"] == "U0BEN0001"
    assert "U0CONNECT" in (await client.conversations_members(channel="C0GENERAL"))["members"]
    for channel in ("C0SECRET1", "D0ANABEN1", "C0NOWHERE"):
        assert await error_of(client.conversations_info(channel=channel)) == "channel_not_found"


@pytest.mark.parametrize(
    ("user", "error"),
    [
        ("U0NOBODY0", "user_not_found"),
        ("U0LEO0001", "user_disabled"),
        ("U0ROBO001", "cannot_dm_bot"),
        ("USLACKBOT", "cannot_dm_bot"),
        ("U0ZOE0001", "user_not_visible"),
    ],
)
async def test_some_users_cannot_have_a_dm(sandbox: Sandbox, client: AsyncWebClient, user: str, error: str) -> None:
    assert await error_of(client.conversations_open(users=user)) == error


async def test_a_dm_is_opened_or_found(sandbox: Sandbox, client: AsyncWebClient) -> None:
    assert (await client.conversations_open(users="U0BEN0001"))["channel"]["id"] == "D0BEN0001"
    del sandbox.slack.world.channels["D0BEN0001"]
    opened = await client.conversations_open(users="U0BEN0001", return_im=True)
    assert (opened["channel"]["id"], opened["channel"]["is_im"]) == ("D0BEN0001", True)
    assert "already_open" not in opened


async def test_history_contains_metadata_and_no_ephemeral_messages(client: AsyncWebClient, clock: ManualClock) -> None:
    metadata = {"event_type": "reminder", "event_payload": {"id": "7"}}
    await client.chat_postMessage(channel="D0BEN0001", text="1", metadata=metadata)
    await client.chat_postEphemeral(channel="D0BEN0001", user="U0BEN0001", text="2")
    await clock.advance(timedelta(seconds=1))
    await client.chat_postMessage(channel="D0BEN0001", text="3")
    history = await client.conversations_history(channel="D0BEN0001", include_all_metadata=True)
    assert [message["text"] for message in history["messages"]] == ["3", "1"]
    assert history["messages"][1]["metadata"] == metadata
    plain = await client.conversations_history(channel="D0BEN0001", limit=1)
    assert (plain["has_more"], "metadata" in plain["messages"][0]) == (True, False)
    newest = await client.conversations_history(channel="D0BEN0001", oldest=history["messages"][1]["ts"])
    assert [message["text"] for message in newest["messages"]] == ["3"]
    assert await error_of(client.conversations_history(channel="C0GENERAL")) == "missing_scope"


async def test_nobody_to_open_a_direct_message_with(client: AsyncWebClient) -> None:
    assert await error_of(client.api_call("conversations.open")) == "users_list_not_supplied"
