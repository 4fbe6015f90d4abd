"""The accounts of all profiles at once, in a file that Ayrshare has ready some minutes after it was asked for.

https://www.ayrshare.com/docs/apis/user/batch-all-users : a new file is made every three hours at most. What it contains
is undocumented; an array of what `GET /user` answers is what we can read.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot.ayrshare.errors import Unavailable
from bot.ayrshare.model import ConnectedAccounts
from bot.ayrshare.replies import AyrshareReply, Moment, UserReply, read
from bot.ayrshare.transport import Call
from bot.core.model import RefId

ASK_FOR_FILE = Call("GET", "/user/batch", per_profile=False)
ROWS_AT_ONCE = 50
"""Rows that are decoded before other tasks have their turn: a few milliseconds."""
BETWEEN_ROWS = re.compile(r"[\s,]*")


class BatchReply(AyrshareReply):
    """Where the file is and from when; whoever has the URL can read it."""

    url: SecretStr
    url_available: Moment
    last_updated: Moment


@dataclass(frozen=True, slots=True)
class UserBatch:
    """The accounts of each profile at a moment (UTC)."""

    at: datetime
    profiles: Mapping[RefId, ConnectedAccounts]


async def read_rows(content: bytes) -> AsyncIterator[UserReply]:
    """Decode the file row by row, up to the first that can't be; raise Unavailable if that is the first."""
    text, found = content.decode(errors="replace"), 0
    position = text.find("[") + 1
    while position:
        if found % ROWS_AT_ONCE == 0:
            await asyncio.sleep(0)
        row, position = _decoded(text, position)
        reply = read(UserReply, row) if isinstance(row, dict) else None
        if reply is not None:
            found += 1
            yield reply
    if not found:
        raise Unavailable(http_status=200)


def _decoded(text: str, position: int) -> tuple[Any, int]:
    """Return the value at a position and where it ends; 0 if there is none."""
    between = BETWEEN_ROWS.match(text, position)
    try:
        return json.JSONDecoder().raw_decode(text, between.end() if between else position)
    except (ValueError, RecursionError):
        return None, 0
