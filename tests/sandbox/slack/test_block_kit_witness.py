"""The local Slack's key sets, held against the models of Slack's own SDK for Python."""

from typing import Any

import pytest
from slack_sdk.models.blocks import block_elements, blocks
from slack_sdk.models.views import View

from sandbox.slack.block_kit.blocks import MESSAGE_BLOCKS, MODAL_BLOCKS
from sandbox.slack.block_kit.checks import Check
from sandbox.slack.block_kit.elements import ACCESSORIES, ACTIONS_ELEMENTS, CONTEXT_ACTIONS_ELEMENTS, INPUT_ELEMENTS
from sandbox.slack.block_kit.rich_text import PARAGRAPHS
from sandbox.slack.block_kit.surfaces import VIEWS

CHECKS = {**MESSAGE_BLOCKS, **MODAL_BLOCKS, **PARAGRAPHS}
ELEMENT_CHECKS = {**ACTIONS_ELEMENTS, **INPUT_ELEMENTS, **ACCESSORIES, **CONTEXT_ACTIONS_ELEMENTS}
RETURNED_ONLY = {"app_id", "bot_id", "hash", "id", "previous_view_id", "root_view_id", "state", "team_id"}
"""Fields of a view that Slack sends to apps; it refuses them from apps."""
KNOWN_BY_SLACK: dict[str, set[str]] = {
    "card": {"slack_icon", "subtext"},
    "data_table": {"caption", "page_size", "row_header_column_index", "rows"},
    "rich_text_quote": {"border"},
    "task_card": {"icon"},
    "workflow_button": {"confirm"},
}
"""What @slack/types has, or Slack was seen to take, and slack_sdk doesn't have yet."""
OF_A_BASE_CLASS = {"alt_text", "confirm", "focus_on_load", "placeholder", "action_id"}
"""Fields that slack_sdk's base classes give to elements which the reference doesn't give them."""


def models(module: Any, base: type) -> dict[str, set[str]]:
    """Return the fields of a module's models by the type that they build."""
    fields: dict[str, set[str]] = {}
    for model in vars(module).values():
        kind = getattr(model, "type", None)
        if isinstance(model, type) and issubclass(model, base) and isinstance(kind, str):
            fields.setdefault(kind, set()).update(model.__new__(model).attributes)  # type: ignore[attr-defined]  # every model has them
    return fields


BLOCKS = models(blocks, blocks.Block) | models(block_elements, block_elements.RichTextElement)
ELEMENTS = {
    kind: fields
    for kind, fields in models(block_elements, block_elements.BlockElement).items()
    if kind not in {*PARAGRAPHS, "url", ""}
}
EVERY_FIELD = set.union(*BLOCKS.values(), *ELEMENTS.values(), *KNOWN_BY_SLACK.values()) - {"type"}


def taken(check: Check, kind: str) -> set[str]:
    """Return which of all fields a check takes."""
    problems = set(check({"type": kind} | dict.fromkeys(EVERY_FIELD), ""))
    return {field for field in EVERY_FIELD if f"invalid additional property: {field} [json-pointer:]" not in problems}


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_a_block_has_the_fields_of_its_model(kind: str) -> None:
    model = BLOCKS[kind] - {"type", "block_id"}
    assert taken(CHECKS[kind], kind) - {"block_id"} == model | KNOWN_BY_SLACK.get(kind, set())


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_an_element_has_the_fields_of_its_model(kind: str) -> None:
    fields = taken(ELEMENT_CHECKS[kind], kind)
    model = ELEMENTS[kind] - {"type"}
    assert fields - {"action_id"} <= model | KNOWN_BY_SLACK.get(kind, set()) | {"accessibility_label"}
    assert model - OF_A_BASE_CLASS <= fields


def test_views_have_the_fields_of_their_model() -> None:
    model = set(View.__new__(View).attributes) - RETURNED_ONLY
    refused = "invalid additional property: "
    assert not [p for p in VIEWS["modal"](dict.fromkeys(model), "") if p.startswith(refused)]
    returned = [p for p in VIEWS["modal"](dict.fromkeys(RETURNED_ONLY), "") if p.startswith(refused)]
    assert len(returned) == len(RETURNED_ONLY)
