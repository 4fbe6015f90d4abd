"""Limits of blocks: https://docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.block_kit.checks import (
    Check,
    Problems,
    anything,
    by_type,
    either,
    listing,
    problem,
    record,
    string,
    text,
    web_address,
    word,
)
from sandbox.slack.block_kit.elements import (
    AS_ACCESSORY,
    BUTTON,
    ID,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    OVERFLOW,
)

MOST_IN_TABLE = 10_000
NAMED = {"block_id": ID}


def _block(required: dict[str, Check] | None = None, **optional: Check) -> Check:
    return record(required or {}, {**NAMED, **optional})


SECTION = either(
    _block(text=text(3000), fields=listing(text(2000), most=10), accessory=by_type(AS_ACCESSORY)),
    "text",
    "fields",
)
INPUT = _block({"label": text(2000, plain=True), "element": by_type(IN_INPUT)}, hint=text(2000, plain=True))
IMAGE_BLOCK = either(
    _block({"alt_text": string(2000)}, image_url=web_address, slack_file=anything, title=text(2000, plain=True)),
    "image_url",
    "slack_file",
)
VIDEO = _block(
    {"alt_text": string(2000), "title": text(200, plain=True), "video_url": web_address, "thumbnail_url": web_address}
)
CARD = _block(
    title=text(150),
    subtitle=text(150),
    body=text(200),
    hero_image=IMAGE,
    icon=IMAGE,
    actions=listing(BUTTON, most=3),
)
ALERT = _block({"text": text(200)}, level=word("default", "info", "warning", "error", "success"))
AUTH_PROVIDER = _block(
    {"value": string(150), "name": text(75, plain=True), "is_connected": anything},
    icon_url=web_address,
    auth_url=web_address,
    disconnect_url=web_address,
    accessory=OVERFLOW,
)


def _table(value: Any, at: str) -> Problems:
    shape = _block({"rows": listing(listing(anything, most=20), most=100)}, column_settings=listing(anything, most=20))
    yield from shape(value, at)
    if sum(map(len, _texts(value.get("rows")))) > MOST_IN_TABLE:
        yield problem(f"must be less than {MOST_IN_TABLE + 1} characters", f"{at}/rows")


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)


SIMPLE: dict[str, Check] = {
    "section": SECTION,
    "header": _block({"text": text(150, plain=True)}),
    "divider": _block(),
    "context": _block({"elements": listing(by_type(IN_CONTEXT), most=10)}),
    "actions": _block({"elements": listing(by_type(IN_ACTIONS), most=25)}),
    "input": INPUT,
    "image": IMAGE_BLOCK,
    "rich_text": _block({"elements": listing(anything, most=1000, least=0)}),
    "video": VIDEO,
    "card": CARD,
    "carousel": _block({"elements": listing(CARD, most=10)}),
    "auth_provider": AUTH_PROVIDER,
}
CONTAINER = _block({"child_blocks": listing(by_type(SIMPLE), most=10)}, title=text(150), subtitle=text(150))
EVERYWHERE = {**SIMPLE, "container": CONTAINER}
IN_MESSAGES = {
    **EVERYWHERE,
    "markdown": _block({"text": string(12_000)}),
    "table": _table,
    "context_actions": _block({"elements": listing(by_type(IN_CONTEXT_ACTIONS), most=5)}),
    "file": _block({"external_id": string(255), "source": word("remote")}),
    "task_card": _block(),
    "plan": _block(),
}
IN_MODALS = {**EVERYWHERE, "alert": ALERT}
IN_HOME = EVERYWHERE
