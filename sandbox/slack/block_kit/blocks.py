"""Limits of blocks: https://docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.block_kit.checks import (
    Check,
    Problems,
    anything,
    array,
    by_type,
    enum,
    http_url,
    json_object,
    problem,
    requires_one_of,
    string,
    text_object,
)
from sandbox.slack.block_kit.elements import (
    ACCESSORIES,
    ACTIONS_ELEMENTS,
    BUTTON,
    CONTEXT_ACTIONS_ELEMENTS,
    CONTEXT_ELEMENTS,
    ID,
    IMAGE,
    INPUT_ELEMENTS,
    OVERFLOW,
)

MAX_TABLE_CHARACTERS = 10_000
BLOCK_ID = {"block_id": ID}


def _block(required: dict[str, Check] | None = None, **optional: Check) -> Check:
    return json_object(required or {}, {**BLOCK_ID, **optional})


SECTION = requires_one_of(
    _block(text=text_object(3000), fields=array(text_object(2000), maximum=10), accessory=by_type(ACCESSORIES)),
    "text",
    "fields",
)
INPUT = _block(
    {"label": text_object(2000, plain=True), "element": by_type(INPUT_ELEMENTS)}, hint=text_object(2000, plain=True)
)
IMAGE_BLOCK = requires_one_of(
    _block({"alt_text": string(2000)}, image_url=http_url, slack_file=anything, title=text_object(2000, plain=True)),
    "image_url",
    "slack_file",
)
VIDEO = _block(
    {"alt_text": string(2000), "title": text_object(200, plain=True), "video_url": http_url, "thumbnail_url": http_url}
)
CARD = _block(
    title=text_object(150),
    subtitle=text_object(150),
    body=text_object(200),
    hero_image=IMAGE,
    icon=IMAGE,
    actions=array(BUTTON, maximum=3),
)
ALERT = _block({"text": text_object(200)}, level=enum("default", "info", "warning", "error", "success"))
AUTH_PROVIDER = _block(
    {"value": string(150), "name": text_object(75, plain=True), "is_connected": anything},
    icon_url=http_url,
    auth_url=http_url,
    disconnect_url=http_url,
    accessory=OVERFLOW,
)


def _table(value: Any, pointer: str) -> Problems:
    fields = _block(
        {"rows": array(array(anything, maximum=20), maximum=100)}, column_settings=array(anything, maximum=20)
    )
    yield from fields(value, pointer)
    if sum(map(len, _texts(value.get("rows")))) > MAX_TABLE_CHARACTERS:
        yield problem(f"must be less than {MAX_TABLE_CHARACTERS + 1} characters", f"{pointer}/rows")


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)


SIMPLE_BLOCKS: dict[str, Check] = {
    "section": SECTION,
    "header": _block({"text": text_object(150, plain=True)}),
    "divider": _block(),
    "context": _block({"elements": array(by_type(CONTEXT_ELEMENTS), maximum=10)}),
    "actions": _block({"elements": array(by_type(ACTIONS_ELEMENTS), maximum=25)}),
    "input": INPUT,
    "image": IMAGE_BLOCK,
    "rich_text": _block({"elements": array(anything, maximum=1000, minimum=0)}),
    "video": VIDEO,
    "card": CARD,
    "carousel": _block({"elements": array(CARD, maximum=10)}),
    "auth_provider": AUTH_PROVIDER,
}
CONTAINER = _block(
    {"child_blocks": array(by_type(SIMPLE_BLOCKS), maximum=10)}, title=text_object(150), subtitle=text_object(150)
)
BLOCKS_EVERYWHERE = {**SIMPLE_BLOCKS, "container": CONTAINER}
MESSAGE_BLOCKS = {
    **BLOCKS_EVERYWHERE,
    "markdown": _block({"text": string(12_000)}),
    "table": _table,
    "context_actions": _block({"elements": array(by_type(CONTEXT_ACTIONS_ELEMENTS), maximum=5)}),
    "file": _block({"external_id": string(255), "source": enum("remote")}),
    "task_card": _block(),
    "plan": _block(),
}
MODAL_BLOCKS = {**BLOCKS_EVERYWHERE, "alert": ALERT}
HOME_BLOCKS = BLOCKS_EVERYWHERE
