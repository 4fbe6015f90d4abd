"""What all controls have: ids, what the script sends, a label, an error, a confirmation."""

import json
from typing import Any
from urllib.parse import quote

from sandbox.drawing.canvas import Canvas, Json
from sandbox.drawing.html import Html, tag
from sandbox.drawing.text import text


def sending(call: str, **body: Any) -> dict[str, Any]:
    """Return the attributes of an element that sends a control call with these arguments: what fixi reads."""
    return {"fx_action": f"/control/{call}", "fx_method": "POST", "data_body": json.dumps(body)}


def field_name(drawn: Json, block: Json, *, many: bool = False) -> str:
    """Return the name of a field in its form: which element it is, and whether several values can be chosen."""
    place = (quote(holder.get(key, ""), safe="") for holder, key in ((block, "block_id"), (drawn, "action_id")))
    return "/".join(["values", *place, *(["many"] if many else [])])


def ids(drawn: Json, block: Json, canvas: Canvas) -> dict[str, Any]:
    """Return the attributes of an element: its id, and what is sent when it is used."""
    return {"id": canvas.element_id(block, drawn)} | sends(drawn, block, canvas)


def sends(drawn: Json, block: Json, canvas: Canvas, **value: str) -> dict[str, Any]:
    """Return the attributes that say which element is used, with which value if it has one only."""
    known = sending("click", action_id=drawn.get("action_id", ""), block_id=block.get("block_id", ""), **value)
    known |= {"data_kind": drawn["type"]} if is_live(block) else {"data_kind": drawn["type"], "fx_action": None}
    return known | ({"data_confirm": _confirm_id(drawn, block, canvas)} if drawn.get("confirm") else {})


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


def confirmation(drawn: Json, block: Json, canvas: Canvas) -> Html | None:
    """Draw the dialog that asks before the element is used, if it has one."""
    confirm = drawn.get("confirm")
    if not confirm:
        return None
    dialog_id = _confirm_id(drawn, block, canvas)
    deny, agree = confirm.get("deny", {}).get("text", "Cancel"), confirm.get("confirm", {}).get("text", "Yes")
    closes = {"type": "button", "command": "close", "commandfor": dialog_id}
    buttons = (
        tag("button", deny, class_="button", **closes),
        tag("button", agree, class_=f"button {confirm.get('style', 'primary')}", value="yes", **closes),
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


def _confirm_id(drawn: Json, block: Json, canvas: Canvas) -> str:
    return f"{canvas.element_id(block, drawn)}-confirm"
