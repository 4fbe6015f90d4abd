"""Block elements as HTML controls: https://docs.slack.dev/reference/block-kit/block-elements.

A control with an `fx-action` is sent at once, not only when its modal is submitted; one that asks first opens a dialog
whose button sends it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.drawing.canvas import Canvas, Json
from sandbox.drawing.choices import checkboxes, multi_select, radio_buttons, select, suggested_select
from sandbox.drawing.controls import clicking, confirmations, described, field_name, ids, is_live, sends
from sandbox.drawing.html import Html, join, tag, web_address
from sandbox.drawing.text import text

Draw = Callable[[Json, Json, Canvas], Html]
OPENS = {"target": "_blank", "rel": "noopener noreferrer"}
"""A link opens in a tab of its own, and is sent at once: a confirmation would come too late."""
INPUT_TYPES = {
    "email_text_input": ("email", "value", "initial_value"),
    "url_text_input": ("url", "value", "initial_value"),
    "number_input": ("number", "value", "initial_value"),
    "datepicker": ("date", "selected_date", "initial_date"),
    "timepicker": ("time", "selected_time", "initial_time"),
    "plain_text_input": ("text", "value", "initial_value"),
    "rich_text_input": ("text", "value", "initial_value"),
}


def element(drawn: Json, block: Json, canvas: Canvas) -> Html:
    """Draw an element of a block."""
    draw = ELEMENTS.get(drawn["type"])
    if draw is None:
        return tag("span", f"({drawn['type']})", class_="unknown")
    return join([draw(drawn, block, canvas), *confirmations(drawn, block, canvas)])


def _button(button: Json, block: Json, canvas: Canvas) -> Html:
    label = text(button["text"], canvas.names)
    look = f"button {button.get('style', '')}".strip()
    more = ids(button, block, canvas) | {"class_": look, "aria_label": button.get("accessibility_label")}
    if url := web_address(button.get("url", "")):
        out = tag("span", "↗", class_="out", aria_hidden="true")
        return tag("a", label, out, href=url, **OPENS, **more | clicking(button, block, canvas))
    return tag("button", label, type="button", **more)


def _overflow(menu: Json, block: Json, canvas: Canvas) -> Html:
    list_id = f"{canvas.element_id(block, menu)}-menu"
    opener = tag(
        "button",
        "⋯",
        type="button",
        class_="button overflow",
        id=canvas.element_id(block, menu),
        popovertarget=list_id,
        aria_label="More actions",
    )
    items = [_overflow_item(option, menu, block, canvas) for option in menu["options"]]
    return join([opener, tag("div", *items, id=list_id, popover=True, class_="menu")])


def _overflow_item(option: Json, menu: Json, block: Json, canvas: Canvas) -> Html:
    label = text(option["text"], canvas.names)
    value = option.get("value", "")
    if url := web_address(option.get("url", "")):
        return tag("a", label, href=url, **OPENS, **clicking(menu, block, canvas, value=value))
    return tag("button", label, type="button", **sends(menu, block, canvas, value=value))


def _text_input(drawn: Json, block: Json, canvas: Canvas) -> Html:
    kind, state, initial = INPUT_TYPES[drawn["type"]]
    value = canvas.chosen(block, drawn, state, initial) or ""
    more = ids(drawn, block, canvas) | described(drawn, block, canvas) | {"data_initial": value}
    more |= {
        "name": field_name(drawn, block),
        "maxlength": drawn.get("max_length"),
        "minlength": drawn.get("min_length"),
    }
    if drawn.get("multiline"):
        return tag("textarea", str(value), rows=4, **more)
    more |= {"fx_trigger": "keydown"} if kind not in {"date", "time"} and is_live(block) else {}
    return tag("input", type=kind, value=str(value), **more, **_numeric(drawn), autocomplete="off")


def _numeric(drawn: Json) -> dict[str, Any]:
    if drawn["type"] != "number_input":
        return {}
    step = "any" if drawn.get("is_decimal_allowed") else "1"
    return {"min": drawn.get("min_value"), "max": drawn.get("max_value"), "step": step}


def _datetime(drawn: Json, block: Json, canvas: Canvas) -> Html:
    """Draw a date and a time, in the viewer's own zone."""
    seconds = canvas.chosen(block, drawn, "selected_date_time", "initial_date_time")
    at = f"{datetime.fromtimestamp(seconds, ZoneInfo(canvas.names.zone)):%Y-%m-%dT%H:%M}" if seconds else ""
    more = ids(drawn, block, canvas) | described(drawn, block, canvas) | {"name": field_name(drawn, block)}
    return tag("input", type="datetime-local", value=at, data_initial=at, **more)


def _image(drawn: Json, _block: Json, _canvas: Canvas) -> Html:
    return picture(drawn)


def picture(drawn: Json) -> Html:
    """Stand in for a picture, which is never fetched: its words are shown."""
    return tag("span", drawn.get("alt_text", ""), class_="picture", role="img", aria_label=drawn.get("alt_text", ""))


def _feedback(drawn: Json, block: Json, canvas: Canvas) -> Html:
    buttons = [
        tag(
            "button",
            text(drawn[side]["text"], canvas.names),
            type="button",
            class_="button",
            **sends(drawn, block, canvas, value=drawn[side]["value"]),
        )
        for side in ("positive_button", "negative_button")
    ]
    return join(buttons)


ELEMENTS: dict[str, Draw] = {
    "button": _button,
    "workflow_button": _button,
    "icon_button": _button,
    "feedback_buttons": _feedback,
    "overflow": _overflow,
    "image": _image,
    "datetimepicker": _datetime,
    "checkboxes": checkboxes,
    "radio_buttons": radio_buttons,
    "static_select": select,
    "users_select": select,
    "conversations_select": select,
    "channels_select": select,
    "external_select": suggested_select,
    "multi_static_select": multi_select,
    "multi_users_select": multi_select,
    "multi_conversations_select": multi_select,
    "multi_channels_select": multi_select,
    "multi_external_select": suggested_select,
    **dict.fromkeys(INPUT_TYPES, _text_input),
}
