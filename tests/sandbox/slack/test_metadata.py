"""The metadata of the app's messages: kept, invisible to people, complete only on request."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.metadata import MAX_CHARACTERS
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, button
from tests.sandbox.slack.errors import error_of

DM = "D0BEN0001"


MARK = {"event_type": "invitation", "event_payload": {"mark": "i7", "slice": 3}}


async def post_card(client: AsyncWebClient, metadata: Any = MARK) -> Any:
    return await client.chat_postMessage(channel=DM, text="card", blocks=[actions(button())], metadata=metadata)


async def stored_metadata(client: AsyncWebClient) -> Any:
    """Return the metadata of the newest message."""
    history = await client.conversations_history(channel=DM, limit=1, include_all_metadata=True)
    return history["messages"][0].get("metadata")


async def test_history_contains_all_metadata_only_on_request(client: AsyncWebClient) -> None:
    assert (await post_card(client))["message"]["metadata"] == {"event_type": "invitation"}
    assert await stored_metadata(client) == MARK
    [message] = (await client.conversations_history(channel=DM))["messages"]
    assert message["metadata"] == {"event_type": "invitation"}


async def test_people_do_not_see_metadata(client: AsyncWebClient, control: ControlClient) -> None:
    await post_card(client)
    [message] = await control.messages("ben", DM)
    assert "metadata" not in message
    assert "i7" not in str(message)


async def test_a_click_contains_only_the_type_of_undeclared_metadata(
    client: AsyncWebClient, control: ControlClient, fake_app: FakeApp
) -> None:
    await post_card(client)
    await control.click("go", channel=DM)
    assert fake_app.last.payload["message"]["metadata"] == {"event_type": "invitation"}


async def test_an_update_keeps_replaces_or_removes_metadata(client: AsyncWebClient) -> None:
    ts = (await post_card(client))["ts"]
    await client.chat_update(channel=DM, ts=ts, text="still")
    assert await stored_metadata(client) == MARK
    other = {"event_type": "card", "event_payload": {}}
    await client.chat_update(channel=DM, ts=ts, text="other", metadata=other)
    assert await stored_metadata(client) == other
    await client.chat_update(channel=DM, ts=ts, text="none", metadata={})
    assert await stored_metadata(client) is None


async def test_an_update_through_a_response_url_keeps_metadata(
    client: AsyncWebClient, control: ControlClient, fake_app: FakeApp, session: aiohttp.ClientSession
) -> None:
    await post_card(client)
    await control.click("go", channel=DM)
    url = fake_app.last.payload["response_url"]
    async with session.post(url, json={"text": "opened", "replace_original": True}) as response:
        assert response.status == 200
    assert await stored_metadata(client) == MARK


@pytest.mark.parametrize("event_type", ["card.opened", "two words", ""])
async def test_an_event_type_with_other_characters_is_a_warning(client: AsyncWebClient, event_type: str) -> None:
    response = await post_card(client, {"event_type": event_type, "event_payload": {}})
    assert (response["ok"], response["warning"]) == (True, "invalid_metadata_schema")
    assert response["response_metadata"]["warnings"] == ["invalid_metadata_schema"]
    assert await stored_metadata(client) is None


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
async def test_invalid_metadata_are_rejected(client: AsyncWebClient, metadata: Any, error: str) -> None:
    body = {"channel": DM, "text": "card", "metadata": metadata}
    assert await error_of(client.api_call("chat.postMessage", json=body)) == error
    assert (await client.conversations_history(channel=DM))["messages"] == []


async def test_a_message_is_found_by_its_metadata_among_later_ones(client: AsyncWebClient, clock: ManualClock) -> None:
    first = (await post_card(client))["ts"]
    for number in range(5):
        await clock.advance(timedelta(seconds=1))
        await post_card(client, {"event_type": "invitation", "event_payload": {"mark": f"later{number}"}})
    pages = await client.conversations_history(channel=DM, limit=2, include_all_metadata=True)
    marks = {m["metadata"]["event_payload"]["mark"]: m["ts"] async for page in pages for m in page["messages"]}
    assert (marks["i7"], len(marks)) == (first, 6)
