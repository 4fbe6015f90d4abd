"""The controls of the demo's own side: buttons and forms that send control calls, the ones that scripts use."""

from collections.abc import Mapping
from typing import Any

from sandbox.drawing.controls import sending
from sandbox.drawing.html import Html, tag
from sandbox.page.world import Json

Options = Mapping[str, str | Mapping[str, str]]
"""Words by value, or such options by the heading that they stand under."""


def call(label: str, name: str, body: Json | None, **more: Any) -> Html:
    """Draw a button that sends a control call; without a body it can't be pressed."""
    return tag(
        "button", label, type="button", class_="button", disabled=body is None, **sending(name, **body or {}), **more
    )


def form(name: str, *fields: Html, button: str, body: Json | None = None) -> Html:
    """Draw fields and the button that sends them."""
    send = tag("button", button, type="submit", class_="button")
    return tag("form", *fields, send, **sending(name, **body or {}))


def number(name: str, value: int, *, label: str = "", minimum: int = 1, maximum: int = 10_000) -> Html:
    """Draw a field for a whole number."""
    field = tag("input", type="number", name=name, value=value, min=minimum, max=maximum)
    return tag("label", label or f"{name} ", field)


def select(name: str, options: Options, *, label: str, chosen: str = "") -> Html:
    """Draw a choice."""
    drawn = (_option(value, words, chosen) for value, words in options.items())
    return tag("label", label, tag("span", tag("select", *drawn, name=name), class_="select"))


def _option(value: str, words: str | Mapping[str, str], chosen: str) -> Html:
    if isinstance(words, str):
        return tag("option", words, value=value, selected=value == chosen)
    return tag("optgroup", *(_option(one, said, chosen) for one, said in words.items()), label=value)
