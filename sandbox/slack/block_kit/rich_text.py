"""Rich text: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

from sandbox.slack.block_kit.checks import (
    Check,
    array,
    boolean,
    by_type,
    enum,
    http_url,
    integer,
    json_object,
    string,
    typed,
)

MANY = 1000
TEXT = string(12_000, minimum=0)
ID = string(255)
STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
STYLE = json_object({}, dict.fromkeys(STYLES, boolean))


def _inline(required: dict[str, Check], /, **optional: Check) -> Check:
    return typed(required, style=STYLE, **optional)


INLINE = {
    "text": _inline({"text": TEXT}),
    "link": _inline({"url": string(3000)}, text=TEXT, unsafe=boolean),
    "emoji": _inline({"name": ID}, unicode=ID, url=http_url, skin_tone=integer(1, 6)),
    "user": _inline({"user_id": ID}),
    "usergroup": _inline({"usergroup_id": ID}),
    "channel": _inline({"channel_id": ID}),
    "team": _inline({"team_id": ID}),
    "broadcast": _inline({"range": enum("here", "channel", "everyone")}),
    "color": _inline({"value": ID}),
    "date": _inline({"timestamp": integer(0, 10**11), "format": ID}, url=http_url, fallback=TEXT),
}
LINE = array(by_type(INLINE), maximum=MANY, minimum=0)
SECTION = typed({"elements": LINE})
BORDER = integer(0, 1)
PARAGRAPHS = {
    "rich_text_section": SECTION,
    "rich_text_quote": typed({"elements": LINE}, border=BORDER),
    "rich_text_preformatted": typed({"elements": LINE}, border=BORDER),
    "rich_text_list": typed(
        {
            "elements": array(by_type({"rich_text_section": SECTION}), maximum=MANY, minimum=0),
            "style": enum("bullet", "ordered"),
        },
        indent=integer(0, 8),
        offset=integer(0, 10**6),
        border=BORDER,
    ),
}
RICH_TEXT = typed({"elements": array(by_type(PARAGRAPHS), maximum=MANY, minimum=0)}, block_id=ID)
