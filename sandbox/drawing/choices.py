"""Elements in which something is chosen: selects, radio buttons, checkboxes."""

from collections.abc import Iterator
from typing import Any

from sandbox.drawing.canvas import Canvas, Json
from sandbox.drawing.controls import described, field_name, ids, sends, telling
from sandbox.drawing.html import Html, join, tag
from sandbox.drawing.text import text, words

FIELDS = {
    "users": ("selected_user", "initial_user"),
    "conversations": ("selected_conversation", "initial_conversation"),
    "channels": ("selected_channel", "initial_channel"),
}
OPTION = ("selected_option", "initial_option")


def select(drawn: Json, block: Json, canvas: Canvas) -> Html:
    """Draw a select in which one option is chosen; only in an optional input it can be taken back."""
    state, initial = FIELDS.get(drawn["type"].removesuffix("_select"), OPTION)
    chosen = _value_of(canvas.chosen(block, drawn, state, initial))
    unchosen, stays = drawn.get("placeholder", {}).get("text", "Choose…"), not block.get("optional")
    nothing = tag("option", unchosen, value="", selected=not chosen, hidden=stays)
    more = ids(drawn, block, canvas) | described(drawn, block, canvas) | {"data_initial": chosen, "placeholder": None}
    more |= {"name": field_name(drawn, block)}
    return tag("span", tag("select", nothing, *_groups(drawn, canvas, chosen), **more), class_="select")


def suggested_select(drawn: Json, block: Json, canvas: Canvas) -> Html:
    """Draw a select whose options the app supplies while one types; its value is in a field that isn't seen."""
    element_id = canvas.element_id(block, drawn)
    chosen = canvas.chosen(block, drawn, *OPTION)
    shown, value = words(chosen["text"], canvas.names) if chosen else "", _value_of(chosen)
    told = {"action_id": drawn.get("action_id", ""), "block_id": block.get("block_id", "")}
    options = telling("/page/options", {**canvas.told, **told, "least": drawn.get("min_query_length", 3)})
    hidden = tag(
        "input",
        type="hidden",
        name=field_name(drawn, block),
        value=value,
        data_initial=value,
        **sends(drawn, block, canvas),
    )
    field = tag(
        "input",
        type="text",
        role="combobox",
        value=shown,
        aria_expanded="false",
        aria_autocomplete="list",
        aria_controls=f"{element_id}-list",
        autocomplete="off",
        name=field_name(drawn, block, kind="typed"),
        fx_action=options,
        fx_method="POST",
        fx_trigger="input",
        data_initial=value,
        id=element_id,
        **described(drawn, block, canvas),
    )
    suggested = tag("ul", id=f"{element_id}-list", role="listbox")
    return tag("span", field, suggested, hidden, class_="suggested")


def multi_select(drawn: Json, block: Json, canvas: Canvas) -> Html:
    """Draw a select of several as a list of boxes to tick."""
    state, initial = FIELDS.get(drawn["type"].removeprefix("multi_").removesuffix("_select"), OPTION)
    chosen = [_value_of(one) for one in canvas.chosen(block, drawn, f"{state}s", f"{initial}s") or ()]
    return _boxes(drawn, block, canvas, kind="checkbox", chosen=chosen)


def checkboxes(drawn: Json, block: Json, canvas: Canvas) -> Html:
    """Draw boxes to tick."""
    chosen = [_value_of(one) for one in canvas.chosen(block, drawn, "selected_options", "initial_options") or ()]
    return _boxes(drawn, block, canvas, kind="checkbox", chosen=chosen)


def radio_buttons(drawn: Json, block: Json, canvas: Canvas) -> Html:
    """Draw options of which one is chosen."""
    return _boxes(drawn, block, canvas, kind="radio", chosen=[_value_of(canvas.chosen(block, drawn, *OPTION))])


def _boxes(drawn: Json, block: Json, canvas: Canvas, *, kind: str, chosen: list[str]) -> Html:
    element_id, many = canvas.element_id(block, drawn), kind == "checkbox"
    name = field_name(drawn, block, many=many)
    more = ids(drawn, block, canvas) | {"fx_trigger": "change", "role": "group" if many else "radiogroup"}
    unchosen = drawn.get("placeholder", {}).get("text")
    rows = [
        tag(
            "label",
            tag("input", type=kind, name=name, value=value, id=f"{element_id}-{number}", checked=value in chosen),
            tag("span", label, tag("small", about) if about else None),
            class_="choice",
        )
        for number, (value, label, about) in enumerate(_options(drawn, canvas))
    ]
    hint = tag("small", unchosen, class_="hint") if unchosen and not chosen else None
    none = tag("input", type="hidden", name=name) if many else None
    return tag("span", none, hint, *rows, class_="choices", aria_labelledby=f"{element_id}-label", **more)


def _groups(drawn: Json, canvas: Canvas, chosen: str) -> Iterator[Html]:
    for group in drawn.get("option_groups") or ():
        options = (_option(_value_of(o), words(o["text"], canvas.names), chosen) for o in group["options"])
        yield tag("optgroup", *options, label=group["label"]["text"])
    if not drawn.get("option_groups"):
        yield from (_option(value, label, chosen) for value, label, _ in _options(drawn, canvas))


def _option(value: str, label: str, chosen: str) -> Html:
    return tag("option", label, value=value, selected=value == chosen)


def _options(drawn: Json, canvas: Canvas) -> Iterator[tuple[str, Any, Html]]:
    """Yield value, label and description of every option."""
    kind = drawn["type"]
    if "users" in kind or "conversations" in kind or "channels" in kind:
        known = canvas.names.people if "users" in kind else canvas.names.places
        yield from ((one, name, join([])) for one, name in known.items())
        return
    groups = drawn.get("option_groups") or [{"options": drawn.get("options") or ()}]
    for option in (option for group in groups for option in group["options"]):
        plain = kind.endswith("_select")
        label = words(option["text"], canvas.names) if plain else text(option["text"], canvas.names)
        yield option.get("value", ""), label, text(option.get("description"), canvas.names)


def _value_of(option: Any) -> str:
    """Return the value of an option, or the id of a user or a channel."""
    return str(option.get("value", "") if isinstance(option, dict) else option or "")
