"""Blocks as HTML: https://docs.slack.dev/reference/block-kit/blocks."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.drawing.canvas import Canvas, Json
from sandbox.drawing.elements import element, picture
from sandbox.drawing.html import Html, join, tag, web_address
from sandbox.drawing.rich_text import rich_text
from sandbox.drawing.text import link, mrkdwn, text

GROUPED = frozenset({"checkboxes", "radio_buttons"})


def blocks(drawn: Iterable[Json], canvas: Canvas) -> Html:
    """Draw blocks one under another; one of an unknown type is named."""
    return join(_block(block, canvas) for block in drawn)


def _block(block: Json, canvas: Canvas) -> Html:
    draw = BLOCKS.get(block["type"], _unknown)
    return tag("div", draw(block, canvas), class_=f"block {block['type']}", data_block_id=block.get("block_id"))


def _section(block: Json, canvas: Canvas) -> Html:
    said = tag("div", text(block.get("text"), canvas.names)) if block.get("text") else None
    fields = [tag("div", text(field, canvas.names)) for field in block.get("fields") or ()]
    grid = tag("div", *fields, class_="fields") if fields else None
    accessory = block.get("accessory")
    aside = tag("div", element(accessory, block, canvas), class_="accessory") if accessory else None
    return join([tag("div", said, grid, class_="words"), aside])


def _header(block: Json, canvas: Canvas) -> Html:
    return tag("h3", text(block["text"], canvas.names))


def _divider(_block: Json, _canvas: Canvas) -> Html:
    return tag("hr")


def _context(block: Json, canvas: Canvas) -> Html:
    return join(
        picture(one) if one["type"] == "image" else tag("span", text(one, canvas.names)) for one in block["elements"]
    )


def _actions(block: Json, canvas: Canvas) -> Html:
    return join(element(one, block, canvas) for one in block["elements"])


def _input(block: Json, canvas: Canvas) -> Html:
    element_id = canvas.element_id(block, block["element"])
    optional = tag("span", " (optional)", class_="optional") if block.get("optional") else None
    label = (text(block["label"], canvas.names), optional)
    grouped = block["element"]["type"] in GROUPED or block["element"]["type"].startswith("multi_")
    error = canvas.errors.get(block.get("block_id", ""))
    target = {} if grouped else {"for_": element_id}
    return join(
        [
            tag("span" if grouped else "label", *label, id=f"{element_id}-label", class_="label", **target),
            element(block["element"], block, canvas),
            tag("small", text(block.get("hint"), canvas.names), id=f"{element_id}-hint", class_="hint"),
            tag("p", error, id=f"{element_id}-error", class_="error", role="alert"),
        ]
    )


def _image(block: Json, canvas: Canvas) -> Html:
    title = text(block.get("title"), canvas.names)
    return tag("figure", tag("figcaption", title) if title else None, picture(block))


def _rich_text(block: Json, canvas: Canvas) -> Html:
    return rich_text(block.get("elements") or (), canvas.names)


def _markdown(block: Json, canvas: Canvas) -> Html:
    return tag("div", mrkdwn(block["text"].replace("**", "*"), canvas.names))


def _alert(block: Json, canvas: Canvas) -> Html:
    return tag("div", text(block["text"], canvas.names), role="note", class_=block.get("level", "default"))


def _video(block: Json, _canvas: Canvas) -> Html:
    return tag("figure", link(web_address(block["video_url"]), block["title"]["text"]), picture(block))


def _card(block: Json, canvas: Canvas) -> Html:
    shown = [tag("p", text(block.get(part), canvas.names)) for part in ("title", "subtitle", "body")]
    pictures = [picture(block[part]) for part in ("hero_image", "icon") if block.get(part)]
    buttons = [element(button, block, canvas) for button in block.get("actions") or ()]
    return join([*pictures, *shown, *buttons])


def _container(block: Json, canvas: Canvas) -> Html:
    titles = [tag("p", text(block.get(part), canvas.names)) for part in ("title", "subtitle")]
    return join([*titles, blocks(block.get("child_blocks") or block.get("elements") or (), canvas)])


def _table(block: Json, canvas: Canvas) -> Html:
    rows = [tag("tr", *(tag("td", _cell(cell, canvas)) for cell in row)) for row in block.get("rows") or ()]
    return tag("table", *rows)


def _cell(cell: Any, canvas: Canvas) -> Html:
    if cell.get("type") == "rich_text":
        return rich_text(cell["elements"], canvas.names)
    return join([str(cell.get("text", ""))])


def _unknown(block: Json, _canvas: Canvas) -> Html:
    return tag("p", f"(a block of type {block['type']})")


BLOCKS: dict[str, Callable[[Json, Canvas], Html]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "context_actions": _actions,
    "input": _input,
    "image": _image,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "alert": _alert,
    "video": _video,
    "card": _card,
    "auth_provider": lambda block, _canvas: join([block["name"]["text"]]),
    "carousel": lambda block, canvas: join(_card(card, canvas) for card in block["elements"]),
    "container": _container,
    "table": _table,
}
