"""Text from elsewhere, made harmless for a terminal, and for whatever takes only whole characters."""

import json
import re
from typing import Any

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but for tabs and line breaks, those that turn the direction of writing, and halves of letters."""

HALF = b"\\ud"
"""How half of a letter begins in JSON; so do the two halves of one that is whole."""


def printable(text: str) -> str:
    """Return the text with a sign in place of each character that would steer a terminal."""
    return CONTROLS.sub("\ufffd", text)


def printable_json(value: object, *, indent: int | None = None) -> str:
    """Return JSON with letters of all scripts, in which each character that would steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read_json(raw: str | bytes) -> Any:
    r"""Return what JSON says, with a sign in place of each half of a letter, which no text in UTF-8 can have.

    Such a half is `"\ud83d"` alone, as a text leaves that was cut in an emoji. Raises ValueError, RecursionError.
    """
    value = json.loads(raw)
    if HALF in (raw.lower() if isinstance(raw, bytes) else raw.lower().encode(errors="replace")):
        value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    return value
