"""Limits of a whole message or view."""

import json
from collections import Counter
from typing import Any, Literal

from sandbox.slack.api_types import Json
from sandbox.slack.block_kit.blocks import HOME_BLOCKS, MESSAGE_BLOCKS, MODAL_BLOCKS
from sandbox.slack.block_kit.checks import (
    Check,
    Fields,
    Problems,
    anything,
    array,
    boolean,
    by_type,
    enum,
    json_object,
    problem,
    string,
    text_object,
)
from sandbox.slack.block_kit.objects import OPTION

MAX_MARKDOWN = 12_000
TITLE = text_object(24, plain=True)
ID = string(255, minimum=0)
VIEW_FIELDS: Fields = {"private_metadata": string(3000, minimum=0), "callback_id": ID, "external_id": ID}
MODAL_FIELDS: Fields = {"submit": TITLE, "close": TITLE, "clear_on_close": boolean, "notify_on_close": boolean}
VIEWS: dict[str, Check] = {
    "home": json_object({"type": enum("home"), "blocks": anything}, VIEW_FIELDS),
    "modal": json_object({"type": enum("modal"), "title": TITLE, "blocks": anything}, {**VIEW_FIELDS, **MODAL_FIELDS}),
}


def message_problems(blocks: Any, pointer: str = "/blocks") -> Problems:
    """Yield the problems of the blocks of a message, or of one of its attachments."""
    yield from _blocks(blocks, pointer, kinds=MESSAGE_BLOCKS, maximum=50)
    objects = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    if sum(len(str(block.get("text"))) for block in objects if block.get("type") == "markdown") > MAX_MARKDOWN:
        yield problem(f"must be less than {MAX_MARKDOWN + 1} characters in all markdown blocks", pointer)
    if sum(block.get("type") == "table" for block in objects) > 1:
        yield problem("only one table allowed", pointer)


def attachment_problems(attachments: list[Any]) -> Problems:
    """Yield what is wrong with attachments that are no objects, and with the blocks of the others."""
    for number, attachment in enumerate(attachments):
        if not isinstance(attachment, dict):
            yield problem("must provide an object", f"/attachments/{number}")
        elif "blocks" in attachment:
            yield from message_problems(attachment["blocks"], f"/attachments/{number}/blocks")


def view_problems(view: Json, *, kind: Literal["modal", "home"]) -> Problems:
    """Yield the problems of a modal or a Home tab."""
    yield from VIEWS[kind](view, "/view")
    if "blocks" not in view:
        return
    kinds, least = (MODAL_BLOCKS, 1) if kind == "modal" else (HOME_BLOCKS, 0)
    yield from _blocks(view["blocks"], "/view/blocks", kinds=kinds, minimum=least, maximum=100)
    if kind == "modal" and "submit" not in view:
        yield from _inputs_without_submit(view["blocks"])


def _inputs_without_submit(blocks: Any) -> Problems:
    for number, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if isinstance(block, dict) and block.get("type") == "input":
            yield problem("must define `submit` to use an `input` block in modals", f"/view/blocks/{number}/input")


def option_problems(options: Any) -> Problems:
    """Yield the problems of the options that an app supplies for an external select."""
    yield from array(OPTION, maximum=100, minimum=0)(options, "/options")


def _blocks(blocks: Any, pointer: str, *, kinds: Fields, maximum: int, minimum: int = 0) -> Problems:
    yield from array(by_type(kinds), maximum=maximum, minimum=minimum)(blocks, pointer)
    if isinstance(blocks, list):
        counts = Counter(str(b["block_id"]) for b in blocks if isinstance(b, dict) and b.get("block_id"))
        for block_id, times in counts.items():
            if times > 1:
                yield problem(f"`block_id` {json.dumps(block_id)} already exists for another block", pointer)
