"""Block Kit's limits, with the errors of chat.postMessage."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as sdk
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.block_kit import message_problems, view_problems
from tests.sandbox.slack.blocks import actions, button, modal, option, plain, section

TEN = [option(str(number)) for number in range(10)]


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", **more}


def confirm(**more: Any) -> dict[str, Any]:
    return {"title": plain("Sure?"), "text": plain("Really?"), **more}


@pytest.mark.parametrize(
    ("block", "expected", "pointer"),
    [
        ({"type": "nonsense"}, "unsupported type: nonsense", "/type"),
        ({"text": plain("x")}, "missing required field: type", ""),
        (section("x" * 3001), "must be less than 3001 characters", "/text/text"),
        (section(""), "must be more than 0 characters", "/text/text"),
        ({"type": "section"}, "must define either `text` or `fields`", ""),
        ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items allowed", "/fields"),
        ({"type": "section", "fields": [plain("x" * 2001)]}, "must be less than 2001 characters", "/fields/0/text"),
        (section("x", block_id="x" * 256), "must be less than 256 characters", "/block_id"),
        ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters", "/text/text"),
        ({"type": "header", "text": section("x")["text"]}, "must be a valid enum value", "/text/type"),
        ({"type": "context", "elements": [plain("x")] * 11}, "no more than 10 items allowed", "/elements"),
        ({"type": "context", "elements": [button()]}, "unsupported type: button", "/elements/0/type"),
        (actions(*[button()] * 26), "no more than 25 items allowed", "/elements"),
        (actions(), "no less than 1 items allowed", "/elements"),
        (actions(button(text=plain("x" * 76))), "must be less than 76 characters", "/elements/0/text/text"),
        (actions(button("x" * 256)), "must be less than 256 characters", "/elements/0/action_id"),
        (actions(button(value="x" * 2001)), "must be less than 2001 characters", "/elements/0/value"),
        (actions(button(url="https://x/" + "x" * 2991)), "must be less than 3001 characters", "/elements/0/url"),
        (actions(button(url="tel:123")), "must be a valid URL", "/elements/0/url"),
        (actions(button(style="loud")), "must be a valid enum value", "/elements/0/style"),
        (actions(button(accessibility_label="x" * 76)), "must be less than 76", "/elements/0/accessibility_label"),
        (actions(button(confirm=confirm(title=plain("x" * 101)))), "less than 101", "/elements/0/confirm/title/text"),
        (actions(button(confirm=confirm(text=plain("x" * 301)))), "less than 301", "/elements/0/confirm/text/text"),
        (actions(button(confirm=confirm(deny=plain("x" * 31)))), "less than 31", "/elements/0/confirm/deny/text"),
        (actions(select()), "must define either `options` or `option_groups`", "/elements/0"),
        (actions(select(options=TEN * 10 + TEN)), "no more than 100 items allowed", "/elements/0/options"),
        (actions(select(options=[option("x" * 151)])), "less than 151 characters", "/elements/0/options/0/value"),
        (actions({"type": "overflow", "options": TEN[:6]}), "no more than 5 items allowed", "/elements/0/options"),
        (actions({"type": "checkboxes", "options": TEN + TEN}), "no more than 10 items", "/elements/0/options"),
        ({"type": "image", "alt_text": "x" * 2001, "image_url": "https://x"}, "less than 2001", "/alt_text"),
        (
            {"type": "input", "label": plain("x" * 2001), "element": select(options=TEN)},
            "less than 2001",
            "/label/text",
        ),
        ({"type": "markdown", "text": "x" * 12_001}, "must be less than 12001 characters", "/text"),
        ({"type": "table", "rows": [[plain("x")] * 21]}, "no more than 20 items allowed", "/rows/0"),
        ({"type": "table", "rows": [[plain("x")]] * 101}, "no more than 100 items allowed", "/rows"),
        ({"type": "table", "rows": [[plain("x" * 2001)]] * 5}, "must be less than 10001 characters", "/rows"),
        ({"type": "alert", "text": plain("only in modals")}, "unsupported type: alert", "/type"),
        ({"type": "card", "body": plain("x" * 201)}, "must be less than 201 characters", "/body/text"),
        ({"type": "container", "child_blocks": [section("")]}, "more than 0", "/child_blocks/0/text/text"),
    ],
)
async def test_a_message_over_a_limit_is_rejected_with_a_pointer(
    client: AsyncWebClient, block: dict[str, Any], expected: str, pointer: str
) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[{"type": "divider"}, block])
    response = caught.value.response
    assert response["error"] == "invalid_blocks"
    messages = response["response_metadata"]["messages"]
    assert any(expected in message and message.endswith(f"[json-pointer:/blocks/1{pointer}]") for message in messages)


@pytest.mark.parametrize(
    "block",
    [
        section("x" * 3000, fields=[plain("x" * 2000)] * 10, accessory=button()),
        {"type": "header", "text": plain("x" * 150)},
        actions(*[button(text=plain("x" * 75), value="x" * 2000, url="https://x/" + "x" * 2990)] * 25),
        actions(select(options=TEN * 10), {"type": "overflow", "options": TEN[:5]}),
        {"type": "markdown", "text": "x" * 12_000},
        {"type": "table", "rows": [[plain("x")] * 20] * 100},
    ],
)
async def test_a_message_at_the_limit_is_accepted(client: AsyncWebClient, block: dict[str, Any]) -> None:
    assert (await client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[block]))["ok"]


def test_the_limits_of_whole_messages() -> None:
    divider = {"type": "divider"}
    assert list(message_problems([divider] * 50)) == []
    assert list(message_problems([divider] * 51)) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert list(message_problems([{"type": "markdown", "text": "x" * 7000}] * 2)) != []
    assert list(message_problems([{"type": "table", "rows": [[plain("x")]]}] * 2)) != []
    assert list(message_problems([section("x", block_id="same")] * 2)) != []
    assert list(message_problems("nonsense")) == ["must be an array [json-pointer:/blocks]"]


def test_a_modal_accepts_an_alert() -> None:
    assert list(view_problems(modal({"type": "alert", "text": plain("expired")}), kind="modal")) == []
    assert list(view_problems(modal({"type": "alert", "text": plain("x" * 201)}), kind="modal")) != []


@pytest.mark.parametrize(
    "block",
    [
        sdk.SectionBlock(text="hi", accessory=sdk.ButtonElement(text="Go", action_id="go", value="1", style="primary")),
        sdk.ContextBlock(elements=[sdk.MarkdownTextObject(text="*hi*"), sdk.PlainTextObject(text="hi")]),
        sdk.ActionsBlock(elements=[sdk.UserSelectElement(placeholder="who", action_id="who")]),
        sdk.InputBlock(label="Name", element=sdk.PlainTextInputElement(action_id="name")),
        sdk.ImageBlock(image_url="https://x.example/i.png", alt_text="an image"),
        sdk.RichTextBlock(elements=[sdk.RichTextSectionElement(elements=[])]),
        sdk.DividerBlock(),
        sdk.HeaderBlock(text="Hi"),
    ],
)
def test_blocks_that_the_sdk_builds_are_accepted(block: sdk.Block) -> None:
    assert list(message_problems([block.to_dict()])) == []


async def test_blocks_that_are_not_json_are_rejected(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0GENERAL", text="x", blocks="[")
    assert caught.value.response["error"] == "invalid_blocks_format"
