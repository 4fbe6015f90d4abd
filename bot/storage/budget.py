"""The budget of a request: how long it may wait for a slow Redis in all.

Each exchange has a limit of its own, so one that hangs is given up soon. The budget ends a request whose exchanges
are all slow, wherever it stands. Jobs have none: nobody waits for them.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

import structlog

from bot.storage.batching import TIMEOUT
from bot.storage.errors import StoreTooSlow

BUDGET = timedelta(seconds=5)
"""Whoever has waited so long has typed again, or gone."""
UNNOTICED = timedelta(seconds=0.1)
"""Of each wait, what isn't counted: a request may make thousands, such as one that imports a file."""

log = structlog.get_logger()


class Budget:
    """What is left for one request; waits at the same time count once."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._left = BUDGET
        self._waits = 0
        self._since = 0.0

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self._left <= timedelta(0)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count the time that the block takes."""
        if not self._waits:
            self._since = self._monotonic()
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            if not self._waits:
                waited = timedelta(seconds=self._monotonic() - self._since)
                self._left -= max(timedelta(0), min(waited, TIMEOUT) - UNNOTICED)  # beyond it, this process stood still


_of_request: ContextVar[Budget | None] = ContextVar("budget", default=None)


def begin_budget() -> None:
    """Give the request that begins in this task, and the tasks that it starts, a budget of their own."""
    _of_request.set(Budget())


@contextmanager
def within_budget(call: str) -> Iterator[None]:
    """Count the time that a store's call takes, in a request; raise StoreTooSlow where nothing is left."""
    budget = _of_request.get()
    if budget is None:
        yield
        return
    if budget.spent:
        log.warning("store_too_slow", call=call)
        raise StoreTooSlow
    with budget.waiting():
        yield
