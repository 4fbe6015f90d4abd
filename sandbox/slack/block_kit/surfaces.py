"""What a whole message or view may hold."""

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.slack.api_types import Json
from sandbox.slack.block_kit.blocks import IN_HOME, IN_MESSAGES, IN_MODALS
from sandbox.slack.block_kit.checks import Check, Problems, by_type, listing, problem, record, string, text, word
from sandbox.slack.block_kit.elements import OPTION

MARKDOWN_IN_MESSAGE = 12_000
TITLE = text(24, plain=True)
SURFACE = {"private_metadata": string(3000, least=0), "callback_id": string(255, least=0)}
SURFACE |= {"external_id": string(255, least=0)}


def message_problems(blocks: Any) -> Problems:
    """Yield what Slack would refuse in a message's blocks."""
    yield from _blocks(blocks, "/blocks", kinds=IN_MESSAGES, most=50)
    if not isinstance(blocks, list):
        return
    found = [block for block in blocks if isinstance(block, dict)]
    if sum(len(str(block.get("text"))) for block in found if block.get("type") == "markdown") > MARKDOWN_IN_MESSAGE:
        yield problem(f"must be less than {MARKDOWN_IN_MESSAGE + 1} characters in all markdown blocks", "/blocks")
    if sum(block.get("type") == "table" for block in found) > 1:
        yield problem("only one table allowed", "/blocks")


def view_problems(view: Json, *, kind: str) -> Problems:
    """Yield what Slack would refuse in a modal (`kind` modal) or Home tab (`kind` home)."""
    modal = {"title": TITLE} if kind == "modal" else {}
    buttons = {"submit": TITLE, "close": TITLE} if kind == "modal" else {}
    yield from record({"type": word(kind), **modal}, {**SURFACE, **buttons})(view, "/view")
    if "blocks" not in view:
        yield problem("missing required field: blocks", "/view")
        return
    kinds = IN_MODALS if kind == "modal" else IN_HOME
    yield from _blocks(view["blocks"], "/view/blocks", kinds=kinds, most=100)
    if kind == "modal" and not view.get("submit") and _has_input(view["blocks"]):
        yield problem("missing required field: submit", "/view")


def option_problems(options: Any) -> Problems:
    """Yield what Slack would refuse in the options that an app supplies."""
    yield from listing(OPTION, most=100, least=0)(options, "/options")


def _has_input(blocks: Any) -> bool:
    return isinstance(blocks, list) and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)


def _blocks(blocks: Any, at: str, *, kinds: Mapping[str, Check], most: int) -> Problems:
    yield from listing(by_type(kinds), most=most, least=0)(blocks, at)
    if isinstance(blocks, list):
        named = Counter(str(b["block_id"]) for b in blocks if isinstance(b, dict) and b.get("block_id"))
        for block_id, times in named.items():
            if times > 1:
                yield problem(f"`block_id` {json.dumps(block_id)} already exists for another block", at)


def normalised(blocks: Sequence[Json]) -> list[Json]:
    """Return a copy with what Slack fills in: ids, `emoji` and `verbatim`."""
    return [{"block_id": secrets.token_urlsafe(4)[:5], **_filled(block)} for block in blocks]


ACTING = frozenset({"button", "overflow", "checkboxes", "radio_buttons", "icon_button", "feedback_buttons"})
ACTING_SUFFIXES = ("_select", "picker", "_input")


def _filled(node: Any) -> Any:
    if isinstance(node, list):
        return [_filled(item) for item in node]
    if not isinstance(node, dict):
        return node
    filled = {name: _filled(value) for name, value in node.items()}
    kind = str(node.get("type", ""))
    if kind == "plain_text":
        filled.setdefault("emoji", True)
    elif kind == "mrkdwn":
        filled.setdefault("verbatim", False)
    elif kind in ACTING or kind.endswith(ACTING_SUFFIXES):
        filled.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return filled
