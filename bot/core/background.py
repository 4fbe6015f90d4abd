"""Work that continues after an acknowledgement: tracked tasks, limited per person, drained at shutdown.

Bolt keeps no reference to its own listener tasks and awaits none of them when it stops.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from bot.core.budget import without_budget
from bot.core.errors import ConnectbotError

MAX_TASKS = 500
MAX_PER_PERSON = 25
"""One person's requests leave room for the others'."""

T = TypeVar("T")

log = structlog.get_logger()


def begun(work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> asyncio.Future[T]:
    """Begin work whose result may not be wanted after all; it is in the task, or its failure, for whoever awaits it."""
    task = asyncio.ensure_future(work)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


async def issued() -> None:
    """Let tasks that were begun just now issue their first commands, which then share an exchange with the next one.

    Without that they may miss it where something else sends in between.
    """
    await asyncio.sleep(0)


class Interrupted(asyncio.CancelledError):
    """Work was cut short where "try again" would be wrong; `failure` says what the person has to know."""

    def __init__(self, failure: ConnectbotError) -> None:
        super().__init__()
        self.failure = failure


class BackgroundTasks:
    """The work in progress of one process."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[None], str] = {}
        self._by_person: Counter[str] = Counter()

    def full(self, person: str) -> bool:
        """Return whether the process, or this person, has as many tasks as allowed: more would only wait longer.

        What no person waits for takes no place from what people wait for.
        """
        others = self._by_person[""] if person else 0
        return len(self._running) - others >= MAX_TASKS or (bool(person) and self._by_person[person] >= MAX_PER_PERSON)

    def start(self, work: Coroutine[Any, Any, None], *, person: str = "") -> None:
        """Run the work in a task that `drain` waits for; what no person waits for has no budget."""
        task = asyncio.create_task(work, context=None if person else without_budget())
        self._running[task] = person
        self._by_person[person] += 1
        task.add_done_callback(self._ended)

    async def drain(self, *, within: timedelta) -> None:
        """Wait for the running tasks, then cancel those that are left."""
        if self._running:
            await asyncio.wait(self._running, timeout=within.total_seconds())
        left = list(self._running)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            log.warning("work_cancelled_at_shutdown", tasks=len(left))

    async def idle(self) -> None:
        """Wait until no task is running."""
        while self._running:
            await asyncio.wait(self._running)

    def _ended(self, task: asyncio.Task[None]) -> None:
        person = self._running.pop(task)
        self._by_person[person] -= 1
        if not self._by_person[person]:
            del self._by_person[person]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ConnectbotError):
            log.warning("background_work_failed", kind=error.kind)
        elif error:
            log.error("background_work_failed", exc_info=error)
