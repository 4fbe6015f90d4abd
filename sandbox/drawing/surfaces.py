"""Whole surfaces as HTML: the body of a message, a modal, the Home tab, and what a notification says."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.drawing.blocks import blocks
from sandbox.drawing.canvas import Canvas, Json
from sandbox.drawing.controls import sending
from sandbox.drawing.html import Html, join, tag
from sandbox.drawing.names import Names
from sandbox.drawing.text import mrkdwn, text, words

CONTROL = re.compile(r'<(input(?! type="hidden")|select|textarea|button|a)(?= )')


def message_body(message: Json, canvas: Canvas) -> Html:
    """Draw a message's blocks, or its text if it has none, and its attachments."""
    shown = _form(blocks(message["blocks"], canvas)) if message.get("blocks") else _only_text(message, canvas)
    attached = [tag("div", *_attachment(one, canvas), class_="attachment") for one in message.get("attachments") or ()]
    return join([shown, *attached])


def modal(view: Json, canvas: Canvas, *, depth: int = 1, refused: str = "") -> Html:
    """Draw a modal; `depth` is how many are open, of which it is the uppermost, `refused` why it couldn't be sent."""
    title_id, told = f"{canvas.id}-title", {**canvas.told, "view_id": view.get("id", "")}
    sign, leave = ("←", "Back") if depth > 1 else ("✕", "Close")
    closes = {"type": "button"} | sending("close", **told)
    close = tag("button", _label(view, "close", "Cancel"), class_="button", **closes)
    submit = tag("button", _label(view, "submit", "Submit"), type="submit", class_="button primary")
    form = tag(
        "form",
        tag("h2", text(view.get("title"), canvas.names), id=title_id),
        tag("div", _with_focus(blocks(view["blocks"], canvas)), class_="modal-blocks"),
        tag("p", f"⚠ {refused}" if refused else None, class_="refused", role="alert"),
        tag("footer", close, submit if view.get("submit") else None),
        tag("button", sign, class_="leave", aria_label=leave, **closes),
        class_="modal",
        novalidate=True,
        **sending("submit", **told),
    )
    known = {"role": "dialog", "aria_modal": "true", "aria_labelledby": title_id}
    return tag("dialog", form, id=canvas.id, **known, tabindex=-1, class_="over")


def _with_focus(drawn: Html) -> Html:
    """Give the first control the focus, unless the app says which has it."""
    return drawn if " autofocus" in drawn else Html(CONTROL.sub(r"\g<0> autofocus", drawn, count=1))


def home(view: Json, canvas: Canvas) -> Html:
    """Draw the app's Home tab."""
    return _form(blocks(view["blocks"], canvas), class_="home")


def _form(drawn: Html, **attributes: str) -> Html:
    """Put what has values together, for each control to send; by itself such a form goes nowhere."""
    return tag("form", drawn, method="dialog", **attributes)


def desktop_notification(message: Json, names: Names) -> str:
    """Return what the desktop shows: the first block with words, else the text.

    https://docs.slack.dev/changelog, July 2026: blocks win over `text` there, not on phones.
    """
    return next((said for block in message.get("blocks") or () if (said := " ".join(_said(block, names)))), "") or (
        phone_notification(message, names)
    )


def phone_notification(message: Json, names: Names) -> str:
    """Return what a phone shows: the message's `text`."""
    return words(message.get("text"), names)


def notifies(message: Json, viewer: str, *, channel_kind: str) -> bool:
    """Return whether Slack notifies somebody of a message: in a direct message, or where it mentions them."""
    direct = channel_kind in {"im", "mpim"} or f"<@{viewer}" in message["text"]
    return direct and message["user"] != viewer and message["visible_to"] is None


def _said(block: Json, names: Names) -> Iterator[str]:
    for part in (block.get("text"), *(block.get("fields") or ())):
        if part:
            yield words(part, names)
    if block["type"] == "context":
        yield from (words(one, names) for one in block["elements"] if "text" in one)


def _only_text(message: Json, canvas: Canvas) -> Html:
    return tag("div", mrkdwn(message.get("text") or "", canvas.names), class_="block")


def _attachment(attachment: Json, canvas: Canvas) -> list[Html | str]:
    said = [mrkdwn(str(attachment[part]), canvas.names) for part in ("pretext", "title", "text") if part in attachment]
    return [_form(blocks(attachment["blocks"], canvas))] if attachment.get("blocks") else [*said]


def _label(view: Json, name: str, otherwise: str) -> Any:
    return view[name]["text"] if view.get(name) else otherwise
