"""Blocks by the surfaces that show them: https://docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.block_kit.checks import (
    Check,
    Fields,
    Problems,
    anything,
    array,
    boolean,
    by_type,
    enum,
    http_url,
    integer,
    json_object,
    problem,
    requires_one_of,
    string,
    text_object,
    typed,
)
from sandbox.slack.block_kit.elements import (
    ACCESSORIES,
    ACTIONS_ELEMENTS,
    BUTTON,
    CONTEXT_ACTIONS_ELEMENTS,
    CONTEXT_ELEMENTS,
    IMAGE,
    INPUT_ELEMENTS,
    OVERFLOW,
    elements,
)
from sandbox.slack.block_kit.objects import ID
from sandbox.slack.block_kit.rich_text import RICH_TEXT

MAX_TABLE_CHARACTERS = 10_000


def _block(required: Fields | None = None, /, **optional: Check) -> Check:
    return typed(required or {}, block_id=ID, **optional)


def _plain(maximum: int) -> Check:
    return text_object(maximum, plain=True)


PICTURE = by_type({"image": IMAGE})
SECTION = requires_one_of(
    _block(
        text=text_object(3000),
        fields=array(text_object(2000), maximum=10),
        accessory=by_type(ACCESSORIES),
        expand=boolean,
    ),
    "text",
    "fields",
)
INPUT = _block(
    {"label": _plain(2000), "element": by_type(INPUT_ELEMENTS)},
    hint=_plain(2000),
    optional=boolean,
    dispatch_action=boolean,
)
IMAGE_BLOCK = requires_one_of(
    _block({"alt_text": string(2000)}, image_url=http_url, slack_file=anything, title=_plain(2000)),
    "image_url",
    "slack_file",
)
VIDEO = _block(
    {"alt_text": string(2000), "title": _plain(200), "video_url": http_url, "thumbnail_url": http_url},
    title_url=http_url,
    description=_plain(200),
    author_name=string(50),
    provider_name=string(50),
    provider_icon_url=http_url,
)
CARD = requires_one_of(
    _block(
        title=text_object(150),
        subtitle=text_object(150),
        body=text_object(200),
        subtext=text_object(200),
        hero_image=PICTURE,
        icon=PICTURE,
        slack_icon=typed({"name": ID}),
        actions=elements({"button": BUTTON}, maximum=3),
    ),
    *("hero_image", "title", "actions", "body"),
)
ALERT = _block({"text": text_object(200)}, level=enum("default", "info", "warning", "error", "success"))
AUTH_PROVIDER = _block(
    {"value": string(150), "name": _plain(75), "is_connected": boolean},
    description=_plain(150),
    icon_url=http_url,
    auth_url=http_url,
    disconnect_url=http_url,
    connected_identity=_plain(75),
    connected_context=_plain(75),
    accessory=OVERFLOW,
    fallback=anything,
)
CELLS = by_type(
    {
        "rich_text": RICH_TEXT,
        "raw_text": typed({"text": string(MAX_TABLE_CHARACTERS, minimum=0)}),
        "raw_number": typed({"text": string(255), "value": anything}),
    }
)
COLUMN = json_object({}, {"align": enum("left", "center", "right"), "is_wrapped": boolean})
TABLE_FIELDS = _block({"rows": array(array(CELLS, maximum=20), maximum=100)}, column_settings=array(COLUMN, maximum=20))
DATA_TABLE = _block(
    {"caption": string(MAX_TABLE_CHARACTERS), "rows": array(array(CELLS, maximum=20), minimum=2, maximum=201)},
    page_size=integer(1, 100),
    row_header_column_index=integer(0, 19),
)
TASK_CARD = _block(
    {"task_id": ID, "title": string(3000), "status": enum("pending", "in_progress", "complete", "error")},
    details=RICH_TEXT,
    output=RICH_TEXT,
    sources=array(by_type({"url": typed({"url": http_url, "text": string(3000)})}), maximum=100, minimum=0),
    icon=typed({"name": ID}),
)


def _table(value: Any, pointer: str) -> Problems:
    yield from TABLE_FIELDS(value, pointer)
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


GROUPED_BLOCKS: Fields = {
    "section": SECTION,
    "header": _block({"text": _plain(150)}),
    "divider": _block(),
    "context": _block({"elements": elements(CONTEXT_ELEMENTS, maximum=10)}),
    "actions": _block({"elements": elements(ACTIONS_ELEMENTS, maximum=25)}),
    "input": INPUT,
    "image": IMAGE_BLOCK,
    "rich_text": RICH_TEXT,
    "video": VIDEO,
    "table": _table,
    "file": _block({"external_id": ID, "source": enum("remote")}),
}
"""The blocks that may also be inside a container."""
CONTAINER = _block(
    {"child_blocks": array(by_type(GROUPED_BLOCKS), maximum=10)},
    title=_plain(150),
    rich_text_title=by_type({"rich_text": RICH_TEXT}),
    subtitle=text_object(150),
    width=enum("narrow", "standard", "wide", "full"),
    icon=PICTURE,
    is_collapsible=boolean,
    default_collapsed=boolean,
    has_header_divider=boolean,
)
MESSAGES_ONLY = ("table", "file")
HOME_BLOCKS: Fields = {
    **{kind: check for kind, check in GROUPED_BLOCKS.items() if kind not in MESSAGES_ONLY},
    "container": CONTAINER,
    "card": CARD,
    "carousel": _block({"elements": array(by_type({"card": CARD}), maximum=10)}),
    "data_table": DATA_TABLE,
    "auth_provider": AUTH_PROVIDER,
}
"""What is shown everywhere; no source says of which of the last five blocks that is untrue."""
MODAL_BLOCKS: Fields = {**HOME_BLOCKS, "alert": ALERT}
MESSAGE_BLOCKS: Fields = {
    **HOME_BLOCKS,
    **GROUPED_BLOCKS,
    "markdown": _block({"text": string(12_000)}),
    "context_actions": _block({"elements": elements(CONTEXT_ACTIONS_ELEMENTS, maximum=5)}),
    "task_card": TASK_CARD,
    "plan": _block({"title": string(3000)}, tasks=array(by_type({"task_card": TASK_CARD}), maximum=100, minimum=0)),
    "call": _block({"call_id": ID}, api_decoration_available=boolean, call=anything),
}
