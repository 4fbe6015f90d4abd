"""HTML made of tags, with everything escaped that isn't HTML already."""

from collections.abc import Iterable
from html import escape

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Content = str | Html | None
Attribute = str | int | bool | None


def tag(name: str, /, *content: Content, **attributes: Attribute) -> Html:
    """Return an element.

    The attribute `data_ts` is written `data-ts`, and `class_` is `class`; None and False leave one out.
    """
    opening = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{opening}>")
    return Html(f"<{name}{opening}>{join(content)}</{name}>")


def join(parts: Iterable[Content]) -> Html:
    """Return the parts one after another, escaped where they aren't HTML."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts if part))


def web_address(url: object) -> str | None:
    """Return an address that may stand in a link: http, https or mailto; None for any other."""
    return str(url) if str(url).lower().startswith(("http://", "https://", "mailto:")) else None


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    spelled = name.rstrip("_").replace("_", "-")
    return f" {spelled}" if value is True else f' {spelled}="{escape(str(value))}"'
