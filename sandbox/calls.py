"""The log of the calls that a local service received; secrets are masked before they are recorded."""

import itertools
from collections import deque
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

MAX_CALLS = 10_000


def masked(secret: str) -> str:
    """Return a placeholder that shows the length of a secret and nothing else."""
    return f"…{len(secret)} characters" if secret else ""


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
