"""Reads the body of a call: JSON, or a form, which is parsed to the same object."""

import json
import re
from typing import Any

from aiohttp import web

from sandbox.ayrshare.assumptions import INVALID_JSON
from sandbox.ayrshare.errors import ApiError, MissingParameter

FORM = "application/x-www-form-urlencoded"
FIELD = re.compile(r"(\w+)(?:\[(\w*)\])?")
BOOLEANS = {"true": True, "false": False}
NUMBERS = frozenset({"expiresIn"})


async def read_body(request: web.Request) -> dict[str, Any]:
    """Return the object that a call sends, empty without a body; raise ApiError."""
    raw = await request.read()
    if request.content_type == FORM:
        return _from_form([(name, str(value)) for name, value in (await request.post()).items()])
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise ApiError(*INVALID_JSON) from None
    if not isinstance(body, dict):
        raise MissingParameter("The body must be an object.")
    return body


def _from_form(fields: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a form's fields: `a[0]` and `a[]` are items of an array, `a[b]` is a field of an object."""
    body: dict[str, Any] = {}
    for name, text in fields:
        found = FIELD.fullmatch(name)
        field, part = (found[1], found[2]) if found else (name, None)
        if part is None:
            body[field] = _value(field, text)
        elif part.isdecimal() or not part:
            body.setdefault(field, []).append(text)
        else:
            body.setdefault(field, {})[part] = text
    return body


def _value(field: str, text: str) -> str | bool | int:
    if field in NUMBERS and text.isdecimal():
        return int(text)
    return BOOLEANS.get(text, text)
