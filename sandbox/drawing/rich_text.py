"""Rich text as HTML: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

from collections.abc import Iterable
from typing import Any

from sandbox.drawing.html import Html, join, tag, web_address
from sandbox.drawing.names import Names
from sandbox.drawing.text import EMOJI, link, moment

Json = dict[str, Any]
STYLES = {"bold": "strong", "italic": "em", "strike": "s", "code": "code"}
PARTS = {"rich_text_section": "p", "rich_text_preformatted": "pre", "rich_text_quote": "blockquote"}


def rich_text(parts: Iterable[Json], names: Names) -> Html:
    """Draw sections, lists, quotations and preformatted text."""
    return join(_part(part, names) for part in parts)


def _part(part: Json, names: Names) -> Html:
    if part["type"] == "rich_text_list":
        kind = "ol" if part.get("style") == "ordered" else "ul"
        return tag(kind, *(tag("li", *_pieces(item["elements"], names)) for item in part["elements"]))
    return tag(PARTS.get(part["type"], "p"), *_pieces(part.get("elements") or (), names))


def _pieces(pieces: Iterable[Json], names: Names) -> list[Html]:
    return [_piece(piece, names) for piece in pieces]


def _piece(piece: Json, names: Names) -> Html:
    return _styled(_bare(piece, names), piece.get("style") or {})


def _bare(piece: Json, names: Names) -> Html:
    kind = piece["type"]
    if kind == "text":
        return join([piece["text"]])
    if kind == "link":
        return link(web_address(piece["url"]), piece.get("text") or piece["url"])
    if kind == "emoji":
        return join([EMOJI.get(f":{piece['name']}:", f":{piece['name']}:")])
    if kind == "date":
        return moment(piece["timestamp"], piece.get("fallback", ""), piece.get("format", "{date}"))
    return tag("span", _mention(piece, names), class_="mention")


def _mention(piece: Json, names: Names) -> str:
    tokens = {
        "user": f"@{piece.get('user_id')}",
        "channel": f"#{piece.get('channel_id')}",
        "usergroup": f"!subteam^{piece.get('usergroup_id')}",
        "broadcast": f"!{piece.get('range')}",
    }
    return names.mention(tokens.get(piece["type"], ""), "") or f"({piece['type']})"


def _styled(drawn: Html, style: Json) -> Html:
    for name in (name for name in STYLES if style.get(name)):
        drawn = tag(STYLES[name], drawn)
    return drawn
