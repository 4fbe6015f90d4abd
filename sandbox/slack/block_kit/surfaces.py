"""Limits of a whole message or view, and what Slack adds to blocks."""

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.slack.api_types import Json
from sandbox.slack.block_kit.blocks import HOME_BLOCKS, MESSAGE_BLOCKS, MODAL_BLOCKS
from sandbox.slack.block_kit.checks import (
    Check,
    Problems,
    array,
    by_type,
    enum,
    json_object,
    problem,
    string,
    text_object,
)
from sandbox.slack.block_kit.elements import OPTION

MAX_MARKDOWN = 12_000
TITLE = text_object(24, plain=True)
VIEW_FIELDS = {"private_metadata": string(3000, minimum=0), "callback_id": string(255, minimum=0)}
VIEW_FIELDS |= {"external_id": string(255, minimum=0)}


def message_problems(blocks: Any) -> Problems:
    """Yield the problems of a message's blocks."""
    yield from _blocks(blocks, "/blocks", kinds=MESSAGE_BLOCKS, maximum=50)
    if not isinstance(blocks, list):
        return
    objects = [block for block in blocks if isinstance(block, dict)]
    if sum(len(str(block.get("text"))) for block in objects if block.get("type") == "markdown") > MAX_MARKDOWN:
        yield problem(f"must be less than {MAX_MARKDOWN + 1} characters in all markdown blocks", "/blocks")
    if sum(block.get("type") == "table" for block in objects) > 1:
        yield problem("only one table allowed", "/blocks")


def view_problems(view: Json, *, kind: str) -> Problems:
    """Yield the problems of a modal (`kind` is modal) or a Home tab (`kind` is home)."""
    modal = {"title": TITLE} if kind == "modal" else {}
    buttons = {"submit": TITLE, "close": TITLE} if kind == "modal" else {}
    yield from json_object({"type": enum(kind), **modal}, {**VIEW_FIELDS, **buttons})(view, "/view")
    if "blocks" not in view:
        yield problem("missing required field: blocks", "/view")
        return
    kinds = MODAL_BLOCKS if kind == "modal" else HOME_BLOCKS
    yield from _blocks(view["blocks"], "/view/blocks", kinds=kinds, maximum=100)
    if kind == "modal" and not view.get("submit") and _has_input(view["blocks"]):
        yield problem("missing required field: submit", "/view")


def option_problems(options: Any) -> Problems:
    """Yield the problems of the options that an app supplies for an external select."""
    yield from array(OPTION, maximum=100, minimum=0)(options, "/options")


def _has_input(blocks: Any) -> bool:
    return isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)


def _blocks(blocks: Any, pointer: str, *, kinds: Mapping[str, Check], maximum: int) -> Problems:
    yield from array(by_type(kinds), maximum=maximum, minimum=0)(blocks, pointer)
    if isinstance(blocks, list):
        counts = Counter(str(b["block_id"]) for b in blocks if isinstance(b, dict) and b.get("block_id"))
        for block_id, times in counts.items():
            if times > 1:
                yield problem(f"`block_id` {json.dumps(block_id)} already exists for another block", pointer)


def with_defaults(blocks: Sequence[Json]) -> list[Json]:
    """Return a copy with the defaults that Slack adds: IDs, `emoji` and `verbatim`."""
    return [{"block_id": secrets.token_urlsafe(4)[:5], **_with_defaults(block)} for block in blocks]


INTERACTIVE_TYPES = frozenset({"button", "overflow", "checkboxes", "radio_buttons", "icon_button", "feedback_buttons"})
INTERACTIVE_SUFFIXES = ("_select", "picker", "_input")


def _with_defaults(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {name: _with_defaults(value) for name, value in node.items()}
    kind = str(node.get("type", ""))
    if kind == "plain_text":
        result.setdefault("emoji", True)
    elif kind == "mrkdwn":
        result.setdefault("verbatim", False)
    elif kind in INTERACTIVE_TYPES or kind.endswith(INTERACTIVE_SUFFIXES):
        result.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return result
