"""What people can enter in each kind of input, and what a client says before it sends anything."""

from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.blocks import actions, modal, option, plain

TWO = [option("a"), option("b")]
EVERY_INPUT: list[tuple[dict[str, Any], Any, Any]] = [
    ({"type": "plain_text_input"}, "words", ("value", "words")),
    ({"type": "email_text_input"}, "a@b.example", ("value", "a@b.example")),
    ({"type": "url_text_input"}, "https://b.example", ("value", "https://b.example")),
    ({"type": "number_input", "is_decimal_allowed": True}, "1.5", ("value", "1.5")),
    ({"type": "datepicker"}, "2026-11-30", ("selected_date", "2026-11-30")),
    ({"type": "timepicker"}, "09:05", ("selected_time", "09:05")),
    ({"type": "datetimepicker"}, 1795683600, ("selected_date_time", 1795683600)),
    ({"type": "users_select"}, "ana", ("selected_user", "U0ANA0001")),
    ({"type": "multi_users_select"}, ["ana", "ben"], ("selected_users", ["U0ANA0001", "U0BEN0001"])),
    ({"type": "channels_select"}, "general", ("selected_channel", "C0GENERAL")),
    ({"type": "conversations_select"}, "random", ("selected_conversation", "C0RANDOM1")),
]
WRONG: list[tuple[dict[str, Any], Any, str]] = [
    ({"type": "email_text_input"}, "a@b", "valid email"),
    ({"type": "url_text_input"}, "b.example", "valid URL"),
    ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "whole number"),
    ({"type": "number_input", "is_decimal_allowed": True}, "much", "number"),
    ({"type": "number_input", "is_decimal_allowed": True, "min_value": "3"}, "2", "at least 3"),
    ({"type": "number_input", "is_decimal_allowed": True, "max_value": "3"}, "4", "at most 3"),
    ({"type": "plain_text_input", "min_length": 3}, "ab", "at least 3"),
    ({"type": "plain_text_input", "max_length": 3}, "abcd", "at most 3"),
    ({"type": "plain_text_input"}, "", "required"),
]
IMPOSSIBLE: list[tuple[dict[str, Any], Any]] = [
    ({"type": "datepicker"}, "tomorrow"),
    ({"type": "datepicker"}, "2026-02-30"),
    ({"type": "timepicker"}, "25:00"),
    ({"type": "datetimepicker"}, "noon"),
    ({"type": "static_select", "options": TWO}, "c"),
    ({"type": "multi_static_select", "options": TWO, "max_selected_items": 1}, ["a", "b"]),
]


async def submit(
    sandbox: Sandbox, client: AsyncWebClient, control: ControlClient, element: dict[str, Any], value: Any
) -> Any:
    block = {"type": "input", "block_id": "it", "label": plain("It"), "element": {"action_id": "x", **element}}
    trigger = sandbox.slack.triggers.issue("U0BEN0001")
    view_id = (await client.views_open(trigger_id=trigger, view=modal(block)))["view"]["id"]
    return await control.post("submit", user="ben", view_id=view_id, values={"it": {"x": value}})


@pytest.mark.parametrize(("element", "value", "sent"), EVERY_INPUT)
async def test_each_input_sends_its_value(
    sandbox: Sandbox,
    client: AsyncWebClient,
    control: ControlClient,
    fake_app: FakeApp,
    element: dict[str, Any],
    value: Any,
    sent: tuple[str, Any],
) -> None:
    assert (await submit(sandbox, client, control, element, value))["ok"]
    state = fake_app.last.payload["view"]["state"]["values"]["it"]["x"]
    assert state == {"type": element["type"], sent[0]: sent[1]}


async def test_words_in_a_rich_text_input_are_rich_text(
    sandbox: Sandbox, client: AsyncWebClient, control: ControlClient, fake_app: FakeApp
) -> None:
    assert (await submit(sandbox, client, control, {"type": "rich_text_input"}, "words"))["ok"]
    state = fake_app.last.payload["view"]["state"]["values"]["it"]["x"]
    assert state["rich_text_value"]["elements"][0]["elements"] == [{"type": "text", "text": "words"}]


@pytest.mark.parametrize(("element", "value", "error"), WRONG)
async def test_a_client_says_what_is_wrong_and_sends_nothing(
    sandbox: Sandbox,
    client: AsyncWebClient,
    control: ControlClient,
    fake_app: FakeApp,
    element: dict[str, Any],
    value: Any,
    error: str,
) -> None:
    result = await submit(sandbox, client, control, element, value)
    assert error in result["errors"]["it"]
    assert fake_app.received == []


@pytest.mark.parametrize(("element", "value"), IMPOSSIBLE)
async def test_some_things_cannot_be_entered_at_all(
    sandbox: Sandbox, client: AsyncWebClient, control: ControlClient, element: dict[str, Any], value: Any
) -> None:
    result = await submit(sandbox, client, control, element, value)
    assert (result["ok"], list(result)) == (False, ["ok", "error"])


async def test_an_external_select_shows_what_the_app_supplies_for_what_is_typed(
    client: AsyncWebClient, control: ControlClient, fake_app: FakeApp
) -> None:
    menu = {"type": "external_select", "action_id": "pick", "min_query_length": 0}
    posted = await client.chat_postMessage(channel="D0BEN0001", text="x", blocks=[actions(menu)])
    fake_app.will_respond({"options": TWO})
    shown = await control.get(
        "options", user="ben", channel="D0BEN0001", message_ts=posted["ts"], action_id="pick", text="a"
    )
    assert [one["text"] for one in shown["options"]] == [plain("A") | {"emoji": True}, plain("B") | {"emoji": True}]
    assert (fake_app.last.payload["type"], fake_app.last.payload["value"]) == ("block_suggestion", "a")
