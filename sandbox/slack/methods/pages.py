"""Cursors: https://docs.slack.dev/apis/web-api/pagination."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments

Item = TypeVar("Item")
MOST = 1000


def page(items: Sequence[Item], given: Arguments, *, usual: int = MOST) -> tuple[list[Item], Json]:
    """Return one page and the `response_metadata` that leads to the next; raises Refusal."""
    limit = given.number("limit", 0)
    if not 0 <= limit <= MOST:
        raise Refusal("invalid_limit")
    start = _start(given.text("cursor"))
    end = start + (limit or usual)
    cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
    return list(items[start:end]), {"response_metadata": {"next_cursor": cursor}}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise Refusal("invalid_cursor") from None
