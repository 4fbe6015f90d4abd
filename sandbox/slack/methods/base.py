"""What every module of methods uses: the description of a method, and pages of a list.

https://docs.slack.dev/apis/web-api/pagination
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.workspace import Workspace

Item = TypeVar("Item")
MAX_PAGE = 1000


@dataclass(frozen=True)
class Method:
    """A method: its handler, its rate limit, and the scope it needs (empty: none, or it depends on the arguments).

    `app_level` methods accept only the app-level token, in the header; the others accept only the bot token.
    """

    handle: Callable[[Workspace, Arguments], Json]
    per_minute: int
    scope: str = ""
    app_level: bool = False


def page(items: Sequence[Item], arguments: Arguments, *, default: int = MAX_PAGE) -> tuple[list[Item], Json]:
    """Return one page and the `response_metadata` with the cursor of the next; raises ErrorResponse."""
    limit = arguments.number("limit", 0)
    if not 0 <= limit <= MAX_PAGE:
        raise ErrorResponse("invalid_limit")
    start = _start(arguments.text("cursor"))
    end = start + (limit or default)
    cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
    return list(items[start:end]), {"response_metadata": {"next_cursor": cursor}}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise ErrorResponse("invalid_cursor") from None
