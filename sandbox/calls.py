"""What a service was asked, kept for tests and for the page; secrets are masked by whoever records."""

import itertools
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any

KEPT = 10_000


def masked(secret: str) -> str:
    """Show that a secret was there without showing it."""
    return f"…{len(secret)} characters" if secret else ""


class Calls:
    """A numbered log of the last calls."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self._log: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def record(self, call: str, **details: Any) -> dict[str, Any]:
        """Note a call; the returned row may be completed (for example with the status answered)."""
        row = {"n": next(self._numbers), "at": self._now().isoformat(), "call": call, **details}
        self._log.append(row)
        return row

    def since(self, number: int = 0) -> list[dict[str, Any]]:
        """Return the calls numbered above `number`, oldest first."""
        newer = list(itertools.takewhile(lambda row: row["n"] > number, reversed(self._log)))
        return newer[::-1]
