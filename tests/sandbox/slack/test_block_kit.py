"""Block Kit's limits, with the errors of chat.postMessage."""

import json
from typing import Any, Literal

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models import blocks as sdk
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox.server import Sandbox
from sandbox.slack.block_kit import message_problems, view_problems
from tests.sandbox.slack.blocks import actions, button, modal, option, plain, section, text_input

TEN = [option(str(number)) for number in range(10)]


NO_SUBMIT = "must define `submit` to use an `input` block in modals"
NOT_OFFERED = "must be one of the provided options"
ALERT = {"type": "alert", "text": plain("only in modals")}


def radio(**more: Any) -> dict[str, Any]:
    return {"type": "radio_buttons", "action_id": "pick", **more}


def checkboxes(**more: Any) -> dict[str, Any]:
    return {"type": "checkboxes", "action_id": "pick", **more}


def rich_text(*inline: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(inline)}]}


def select(**more: Any) -> dict[str, Any]:
    return {"type": "static_select", "action_id": "pick", **more}


def cell(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}


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
        (actions(), "must provide at least 1 items", "/elements"),
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
        ({"type": "table", "rows": [[cell("x")] * 21]}, "no more than 20 items allowed", "/rows/0"),
        ({"type": "table", "rows": [[cell("x")]] * 101}, "no more than 100 items allowed", "/rows"),
        ({"type": "table", "rows": [[cell("x" * 2001)]] * 5}, "must be less than 10001 characters", "/rows"),
        (ALERT, "unsupported type: alert", "/type"),
        ({"type": "card", "body": plain("x" * 201)}, "must be less than 201 characters", "/body/text"),
        ({"type": "container", "child_blocks": [section("")]}, "more than 0", "/child_blocks/0/text/text"),
        ({"type": "container", "child_blocks": [ALERT]}, "unsupported type: alert", "/child_blocks/0/type"),
        ({"type": "table", "rows": [[plain("x")]]}, "unsupported type: plain_text", "/rows/0/0/type"),
        (section("x", verbatim=True), "invalid additional property: verbatim", ""),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "x", "emoji": True}}, "property: emoji", "/text"),
        ({"type": "divider", "text": plain("x")}, "invalid additional property: text", ""),
        (actions(button(block_id="x")), "invalid additional property: block_id", "/elements/0"),
        (actions(button(style=None)), "must provide a string", "/elements/0/style"),
        (actions(button(confirm=confirm(ok=1))), "invalid additional property: ok", "/elements/0/confirm"),
        (actions(button(), button()), '`action_id` "go" already exists', "/elements/1/action_id"),
        (actions(select(options=[{**TEN[0], "url": ""}])), "additional property: url", "/elements/0/options/0"),
        (actions({"type": "overflow", "options": [{**TEN[0], "url": ""}]}), "more than 0", "/elements/0/options/0/url"),
        (actions(select(options=TEN, initial_option=option("x"))), NOT_OFFERED, "/elements/0/initial_option"),
        (actions(radio(options=TEN, initial_option=option("x"))), NOT_OFFERED, "/elements/0/initial_option"),
        (actions(checkboxes(options=TEN, initial_options=[])), NOT_OFFERED, "/elements/0/initial_options"),
        (rich_text({"type": "text", "text": "x", "url": "x"}), "additional property: url", "/elements/0/elements/0"),
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
    ("attachment", "expected"),
    [
        ("nonsense", "must provide an object [json-pointer:/attachments/1]"),
        ({"blocks": [section("x" * 3001)]}, "3001 characters [json-pointer:/attachments/1/blocks/0/text/text]"),
        ({"blocks": [{"type": "divider"}] * 51}, "no more than 50 items allowed [json-pointer:/attachments/1/blocks]"),
    ],
)
async def test_the_blocks_of_an_attachment_are_checked(client: AsyncWebClient, attachment: Any, expected: str) -> None:
    good = {"color": "#00FF00", "blocks": [section("x")]}
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0GENERAL", text="x", attachments=[good, attachment])
    assert caught.value.response["error"] == "invalid_attachments"
    assert any(one.endswith(expected) for one in caught.value.response["response_metadata"]["messages"])
    posted = await client.chat_postMessage(channel="C0GENERAL", text="x", attachments=[good])
    assert posted["message"]["attachments"][0]["blocks"][0]["block_id"]


@pytest.mark.parametrize(
    "block",
    [
        section("x" * 3000, fields=[plain("x" * 2000)] * 10, accessory=button()),
        {"type": "header", "text": plain("x" * 150)},
        actions(
            *[button(str(n), text=plain("x" * 75), value="x" * 2000, url="https://x/" + "x" * 2990) for n in range(25)]
        ),
        actions(select(options=TEN * 10), {"type": "overflow", "options": TEN[:5]}),
        {"type": "markdown", "text": "x" * 12_000},
        {"type": "table", "rows": [[cell("x")] * 20] * 100},
    ],
)
async def test_a_message_at_the_limit_is_accepted(client: AsyncWebClient, block: dict[str, Any]) -> None:
    assert (await client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[block]))["ok"]


def test_the_limits_of_whole_messages() -> None:
    divider = {"type": "divider"}
    assert list(message_problems([divider] * 50)) == []
    assert list(message_problems([divider] * 51)) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert list(message_problems([{"type": "markdown", "text": "x" * 7000}] * 2)) != []
    assert list(message_problems([{"type": "table", "rows": [[cell("x")]]}] * 2)) != []
    assert list(message_problems([section("x", block_id="same")] * 2)) != []
    assert list(message_problems("nonsense")) == ["must provide an array [json-pointer:/blocks]"]


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


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([], "must provide at least 1 items [json-pointer:/view/blocks]"),
        (
            [text_input("name")],
            "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]",
        ),
    ],
)
async def test_a_modal_needs_a_block_and_with_an_input_a_submit_button(
    client: AsyncWebClient, sandbox: Sandbox, blocks: list[Any], expected: str
) -> None:
    view = {name: value for name, value in modal(*blocks).items() if name != "submit"}
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=sandbox.slack.triggers.issue("U0BEN0001"), view=view)
    assert caught.value.response["error"] == "invalid_arguments"
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {expected}"]


@pytest.mark.parametrize("kind", ["modal", "home"])
async def test_a_view_has_no_fields_that_slack_does_not_know(kind: Literal["modal", "home"]) -> None:
    view = modal(section("x")) if kind == "modal" else {"type": "home", "blocks": []}
    assert list(view_problems(view, kind=kind)) == []
    assert list(view_problems(view | {"state": {}}, kind=kind)) == [
        "invalid additional property: state [json-pointer:/view]"
    ]


async def test_a_refused_message_through_a_response_url_is_an_invalid_command_response(
    client: AsyncWebClient, sandbox: Sandbox
) -> None:
    slack = sandbox.slack
    url = slack.response_urls.issue("commands", user_id="U0BEN0001", channel=slack.world.channel("general"))
    webhook = AsyncWebhookClient(slack.address(url))
    refused = await webhook.send(text="x", blocks=[actions(button(), button())])
    assert (refused.status_code, json.loads(refused.body)) == (400, {"ok": False, "error": "invalid_command_response"})
    assert (await webhook.send(text="x", blocks=[actions(button())])).body == "ok"


async def test_blocks_that_are_not_json_are_rejected(client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0GENERAL", text="x", blocks="[")
    assert caught.value.response["error"] == "invalid_blocks_format"
