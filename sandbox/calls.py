"""The log of the calls that a local service received, and how secrets are masked before they are recorded."""

import itertools
import re
from collections import deque
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

MAX_CALLS = 10_000
TOKENS = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|eyJ[\w-]+\.[\w.-]+")
URLS = re.compile(r"((?:http|ws)s?://[^/\s<>|\"?#]+)[^\s<>|\"]*")
MASK = "…"


class CallLog:
    """The last calls of one service, numbered from 1."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self._rows: deque[dict[str, Any]] = deque(maxlen=MAX_CALLS)

    def record(self, call: str, **details: Any) -> dict[str, Any]:
        """Add a call and return its row; the caller may add to the row, for example the status of the response."""
        row = {"n": next(self._numbers), "at": self._now().isoformat(), "call": call, **details}
        self._rows.append(row)
        return row

    def since(self, number: int = 0) -> list[dict[str, Any]]:
        """Return the calls with a number above `number`, oldest first."""
        newer = list(itertools.takewhile(lambda row: row["n"] > number, reversed(self._rows)))
        return newer[::-1]

    def received(self, call: str = "*", *, since: int = 0) -> list[dict[str, Any]]:
        """Return the calls whose name matches the pattern `call` and whose number is above `since`, oldest first."""
        return [row for row in self.since(since) if fnmatchcase(row["call"], call)]


def masked(secret: str) -> str:
    """Return a placeholder that shows the length of a secret and nothing else."""
    return f"{MASK}{len(secret)} characters" if secret else ""


def without_secrets(value: Any) -> Any:
    """Return a copy of a JSON value without tokens and with URLs cut after the host."""
    if isinstance(value, str):
        return TOKENS.sub(MASK, URLS.sub(rf"\1/{MASK}", value))
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {name: MASK if name == "token" else without_secrets(item) for name, item in value.items()}
    return value
