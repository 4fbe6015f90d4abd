"""What the app attaches to its messages: kept, unseen, and told in full only to who asks for it."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.metadata import MAX_CHARACTERS
from tests.clock import ManualClock
from tests.sandbox.control_client import Control
from tests.sandbox.fake_app import Listener
from tests.sandbox.slack.blocks import actions, button
from tests.sandbox.slack.methods.test_chat import error_of

DM = "D0BEN0001"
MARK = {"event_type": "invitation", "event_payload": {"mark": "i7", "slice": 3}}


async def posted(client: AsyncWebClient, metadata: Any = MARK) -> Any:
    return await client.chat_postMessage(channel=DM, text="card", blocks=[actions(button())], metadata=metadata)


async def kept(client: AsyncWebClient) -> Any:
    """Return the metadata of the newest message."""
    history = await client.conversations_history(channel=DM, limit=1, include_all_metadata=True)
    return history["messages"][0].get("metadata")


async def test_history_tells_it_in_full_only_when_asked_to(client: AsyncWebClient) -> None:
    assert (await posted(client))["message"]["metadata"] == MARK
    assert await kept(client) == MARK
    [message] = (await client.conversations_history(channel=DM))["messages"]
    assert message["metadata"] == {"event_type": "invitation"}


async def test_people_do_not_see_it(client: AsyncWebClient, control: Control) -> None:
    await posted(client)
    [message] = await control.messages("ben", DM)
    assert "metadata" not in message
    assert "i7" not in str(message)


async def test_a_click_tells_it(client: AsyncWebClient, control: Control, listener: Listener) -> None:
    await posted(client)
    await control.click("go", channel=DM)
    assert listener.last.payload["message"]["metadata"] == MARK


async def test_an_update_keeps_it_changes_it_or_takes_it_away(client: AsyncWebClient) -> None:
    ts = (await posted(client))["ts"]
    await client.chat_update(channel=DM, ts=ts, text="still")
    assert await kept(client) == MARK
    other = {"event_type": "card", "event_payload": {}}
    assert (await client.chat_update(channel=DM, ts=ts, text="other", metadata=other))["message"]["metadata"] == other
    assert await kept(client) == other
    await client.chat_update(channel=DM, ts=ts, text="none", metadata={})
    assert await kept(client) is None


async def test_a_click_that_redraws_keeps_it(
    client: AsyncWebClient, control: Control, listener: Listener, session: aiohttp.ClientSession
) -> None:
    await posted(client)
    await control.click("go", channel=DM)
    url = listener.last.payload["response_url"]
    async with session.post(url, json={"text": "opened", "replace_original": True}) as answer:
        assert answer.status == 200
    assert await kept(client) == MARK


@pytest.mark.parametrize("event_type", ["card.opened", "two words", ""])
async def test_with_other_characters_in_its_type_it_is_left_out_with_a_warning(
    client: AsyncWebClient, event_type: str
) -> None:
    answer = await posted(client, {"event_type": event_type, "event_payload": {}})
    assert (answer["ok"], answer["warning"]) == (True, "invalid_metadata_schema")
    assert answer["response_metadata"]["warnings"] == ["invalid_metadata_schema"]
    assert await kept(client) is None


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ('{"event_type":', "invalid_metadata_format"),
        ('"words"', "invalid_metadata_format"),
        ({"event_type": "card"}, "invalid_metadata_schema"),
        ({"event_type": "card", "event_payload": "flat"}, "invalid_metadata_schema"),
        ({"event_type": 7, "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "card", "event_payload": {"note": "x" * MAX_CHARACTERS}}, "metadata_too_large"),
    ],
)
async def test_what_is_no_metadata_is_refused(client: AsyncWebClient, metadata: Any, error: str) -> None:
    body = {"channel": DM, "text": "card", "metadata": metadata}
    assert await error_of(client.api_call("chat.postMessage", json=body)) == error
    assert (await client.conversations_history(channel=DM))["messages"] == []


async def test_a_message_is_found_by_it_among_later_ones(client: AsyncWebClient, clock: ManualClock) -> None:
    sought = (await posted(client))["ts"]
    for number in range(5):
        clock.advance(timedelta(seconds=1))
        await posted(client, {"event_type": "invitation", "event_payload": {"mark": f"later{number}"}})
    pages = await client.conversations_history(channel=DM, limit=2, include_all_metadata=True)
    marks = {m["metadata"]["event_payload"]["mark"]: m["ts"] async for page in pages for m in page["messages"]}
    assert (marks["i7"], len(marks)) == (sought, 6)
