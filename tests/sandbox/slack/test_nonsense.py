"""Whatever an app sends, the local Slack answers: with what it did, or with an error of Slack's."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.slack import LocalSlack
from sandbox.slack.api_types import ErrorResponse
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods import METHODS
from sandbox.slack.payloads import shown_view
from tests.sandbox.slack.blocks import actions, button, modal, option, plain, section, text_input

SELECT = {"type": "static_select", "action_id": "s", "options": [option("a")], "initial_option": option("a")}
PICKED = {"type": "checkboxes", "action_id": "c", "options": [option("b")], "initial_options": [option("b")]}
NUMBER = {"type": "number_input", "action_id": "n", "is_decimal_allowed": True, "min_value": "1"}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]}
VALID = [
    section("hi", accessory=SELECT, fields=[plain("x")]),
    actions(
        button(confirm={"title": plain("t"), "text": plain("x")}),
        PICKED,
        {"type": "overflow", "options": [option("c")]},
    ),
    {"type": "context", "elements": [plain("x")]},
    {"type": "header", "text": plain("x")},
    {"type": "image", "image_url": "https://x.example/i.png", "alt_text": "x"},
    RICH,
    text_input("name"),
    {"type": "input", "label": plain("n"), "element": NUMBER},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]},
    {"type": "container", "child_blocks": [section("x")], "title": plain("x")},
    {"type": "card", "title": plain("x"), "actions": [button()]},
]
WORDS = sorted(
    {"type", "blocks", "text", "options", "option_groups", "elements", "block_id", "action_id", "value", "url"}
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(WORDS)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> Any:
    """Draw a copy of valid JSON with some of its nodes replaced, removed or added."""
    holder = {"it": deepcopy(whole)}
    for _ in range(draw(st.integers(0, 3))):
        node: Any = holder
        key: Any = "it"
        while isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 4)):
            node = node[key]
            key = draw(st.sampled_from(sorted(node)) if isinstance(node, dict) else st.integers(0, len(node) - 1))
        node[key] = draw(JSON)
        if isinstance(node, dict) and node is not holder:
            node[draw(st.sampled_from(WORDS))] = draw(JSON)
    return holder["it"]


def call(method: str, arguments: Any) -> Any:
    """Call a method and return what was answered; anything but an error of Slack's is raised."""
    slack = LocalSlack(now=lambda: datetime.now(UTC), base_url=lambda: "http://127.0.0.1")
    arguments = {"trigger_id": slack.triggers.issue("U0BEN0001")} | arguments
    try:
        answer = METHODS[method].handle(slack, Arguments(arguments))
    except ErrorResponse as error:
        answer = error.body
    for view in (*slack.views.stacks["U0BEN0001"], *slack.views.homes.values()):
        shown_view(slack, view)
    json.dumps(answer)
    return answer


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_damaged_messages(data: st.DataObject) -> None:
    blocks = data.draw(damaged(VALID))
    call("chat.postMessage", {"channel": "C0GENERAL", "text": data.draw(JSON), "blocks": blocks})


@settings(deadline=None, max_examples=400)
@given(st.data())
def test_damaged_views(data: st.DataObject) -> None:
    call("views.open", {"view": data.draw(damaged(modal(*VALID, callback_id="x", private_metadata="y")))})
    home = {"type": "home", "blocks": VALID, "private_metadata": "y"}
    call("views.publish", {"user_id": "U0BEN0001", "view": data.draw(damaged(home))})


NAMES = (
    "blocks",
    "channel",
    "cursor",
    "limit",
    "metadata",
    "text",
    "ts",
    "user",
    "user_id",
    "users",
    "view",
    "view_id",
)
PLACES = st.sampled_from(["C0GENERAL", "U0BEN0001", "D0BEN0001", "S0SOCIAL1", "C0SECRET1"])


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(sorted(METHODS)), st.dictionaries(st.sampled_from(NAMES), JSON | PLACES, max_size=5))
def test_any_arguments_of_any_method(method: str, arguments: dict[str, Any]) -> None:
    call(method, arguments)


def test_what_is_damaged_was_valid() -> None:
    assert "error" not in call("views.open", {"view": modal(*[b for b in VALID if b["type"] != "table"])})
    assert "error" not in call("chat.postMessage", {"channel": "C0GENERAL", "blocks": VALID})
