"""What all controls have: ids, what is sent when they are used, a label, an error, a confirmation."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from sandbox.drawing.canvas import Canvas, Json
from sandbox.drawing.html import Html, tag
from sandbox.drawing.text import text

PRESSED = frozenset({"button", "icon_button", "workflow_button", "overflow"})
"""What is used by a press; what else there is has a value, and is used when that changes."""


def sending(call: str, **told: Any) -> dict[str, Any]:
    """Return the attributes of an element that sends a control call with these arguments: what fixi reads."""
    return {"fx_action": telling(f"/control/{call}", told), "fx_method": "POST"}


def telling(path: str, told: Json) -> str:
    """Return an address with arguments, of any JSON, for what is called there."""
    return f"{path}?told={quote(json.dumps(told), safe=': ,')}"


def field_name(drawn: Json, block: Json, *, many: bool = False, kind: str = "values") -> str:
    """Return the name of a field in its form: which element it is, and whether several values can be chosen."""
    place = (quote(holder.get(key, ""), safe="") for holder, key in ((block, "block_id"), (drawn, "action_id")))
    return "/".join([kind, *place, *(["many"] if many else [])])


def ids(drawn: Json, block: Json, canvas: Canvas) -> dict[str, Any]:
    """Return the attributes of an element: its id, and what is sent when it is used."""
    return {"id": canvas.element_id(block, drawn)} | sends(drawn, block, canvas)


def sends(drawn: Json, block: Json, canvas: Canvas, **value: str) -> dict[str, Any]:
    """Return what an element does when it is used, with which value if it has one only: it may ask first."""
    if not is_live(block):
        return {"data_kind": drawn["type"]}
    dialog_id = _confirm_id(drawn, block, canvas, **value)
    if not drawn.get("confirm"):
        does = clicking(drawn, block, canvas, **value)
    elif drawn["type"] in PRESSED:
        does = {"command": "show-modal", "commandfor": dialog_id}
    else:
        does = {"data_confirm": dialog_id}
    return {"data_kind": drawn["type"], **does}


def clicking(drawn: Json, block: Json, canvas: Canvas, **value: str) -> dict[str, Any]:
    """Return the attributes that say which element is used."""
    which = {"action_id": drawn.get("action_id", ""), "block_id": block.get("block_id", "")}
    return sending("click", **canvas.told, **which, **value)


def is_live(block: Json) -> bool:
    """Tell whether the app hears at once of what is used in a block."""
    return block.get("type") != "input" or block.get("dispatch_action") is True


def described(drawn: Json, block: Json, canvas: Canvas) -> dict[str, Any]:
    """Return the attributes of a control that has a value: its name for screen readers, its hint and its error."""
    placeholder = text(drawn.get("placeholder"), canvas.names)
    common = {"autofocus": drawn.get("focus_on_load") is True, "placeholder": drawn.get("placeholder", {}).get("text")}
    if block.get("type") != "input":
        return common | {"aria_label": drawn.get("placeholder", {}).get("text") or str(placeholder) or "Choose"}
    element_id = canvas.element_id(block, drawn)
    return common | {
        "aria_describedby": f"{element_id}-hint {element_id}-error",
        "aria_required": None if block.get("optional") else "true",
        "aria_invalid": "true" if canvas.errors.get(block.get("block_id", "")) else None,
    }


def confirmations(drawn: Json, block: Json, canvas: Canvas) -> Iterator[Html]:
    """Draw the dialog that asks before the element is used, if it has one: a menu's for each entry but links."""
    if not drawn.get("confirm") or not is_live(block) or drawn.get("url"):
        return
    if drawn["type"] != "overflow":
        yield _confirmation(drawn, block, canvas)
        return
    for option in (one for one in drawn["options"] if not one.get("url")):
        yield _confirmation(drawn, block, canvas, value=option.get("value", ""))


def _confirmation(drawn: Json, block: Json, canvas: Canvas, **value: str) -> Html:
    confirm, dialog_id = drawn["confirm"], _confirm_id(drawn, block, canvas, **value)
    deny, agree = confirm.get("deny", {}).get("text", "Cancel"), confirm.get("confirm", {}).get("text", "Yes")
    closes = {"type": "button", "command": "close", "commandfor": dialog_id}
    buttons = (
        tag("button", deny, class_="button", **closes),
        tag(
            "button",
            agree,
            class_=f"button {confirm.get('style', 'primary')}",
            **closes,
            **clicking(drawn, block, canvas, **value),
        ),
    )
    return tag(
        "dialog",
        tag("h2", text(confirm.get("title"), canvas.names) or "Are you sure?", id=f"{dialog_id}-title"),
        tag("div", text(confirm.get("text"), canvas.names)),
        tag("div", *buttons, class_="answers"),
        id=dialog_id,
        class_="confirm",
        aria_labelledby=f"{dialog_id}-title",
    )


def _confirm_id(drawn: Json, block: Json, canvas: Canvas, value: str = "") -> str:
    return f"{canvas.element_id(block, drawn)}-confirm{quote(value)}"
