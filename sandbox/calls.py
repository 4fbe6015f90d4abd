"""The log of the calls that a local service received, and how secrets are masked before they are recorded."""

import itertools
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

MAX_CALLS, MAX_EXCHANGES = 10_000, 500
TOKENS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+|xapp-[\w-]+|eyJ[\w-]+\.[\w.-]+|ayr_ls_[\w-]+|[0-9A-F]{6}-[0-9A-F]{8}-[0-9A-F]{7}-[0-9A-F]{7}"
)
"""Slack's tokens, JWTs, link sessions and profile keys."""
SECRET_NAMES = frozenset(
    {"token", "privateKey", "profileKey", "secret", "client_secret", "code", "refresh_token", "access_token"}
)
URLS = re.compile(r"((?:http|ws)s?://[^/\s<>|\"?#]+)[^\s<>|\"]*")
MASK = "…"
_order = itertools.count(1)


@dataclass(slots=True)
class Exchange:
    """A call with what was sent and answered, secrets included; `order` is its place among the calls of all logs."""

    row: dict[str, Any]
    sent: Any = None
    answer: Any = None
    order: int = field(default_factory=lambda: next(_order))


class CallLog:
    """The last calls of one service, numbered from 1, and what was sent and answered in the very last ones."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self._rows: deque[dict[str, Any]] = deque(maxlen=MAX_CALLS)
        self.exchanges: deque[Exchange] = deque(maxlen=MAX_EXCHANGES)

    def record(self, call: str, **details: Any) -> dict[str, Any]:
        """Add a call and return its row; the caller may add to the row, for example the status of the response."""
        row = {"n": next(self._numbers), "at": self._now().isoformat(), "call": call, **details}
        self._rows.append(row)
        self.exchanges.append(Exchange(row))
        return row

    def keep(self, row: dict[str, Any], **bodies: Any) -> None:
        """Keep what was `sent` or the `answer` of a call, as it is: whoever shows it masks it."""
        exchange = next((one for one in reversed(self.exchanges) if one.row is row), None)
        for name, body in bodies.items() if exchange else ():
            setattr(exchange, name, body)

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
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    if isinstance(value, dict):
        return {name: MASK if name in SECRET_NAMES else without_secrets(item) for name, item in value.items()}
    return value
