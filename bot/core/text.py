"""Text from elsewhere, made harmless for a terminal."""

import json
import re

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters but for tabs and line breaks, and those that turn the direction of writing."""


def printable(text: str) -> str:
    """Return the text with a sign in place of each character that would steer a terminal."""
    return CONTROLS.sub("\ufffd", text)


def printable_json(value: object, *, indent: int | None = None) -> str:
    """Return JSON with letters of all scripts, in which each character that would steer a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return re.sub(f"{CONTROLS.pattern}|[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)
