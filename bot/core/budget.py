"""The budget of a request: how long it may wait for its stores in all.

Each exchange has a limit of its own, so one that hangs is given up soon. The budget ends a request whose exchanges
are all slow, wherever it stands. Nobody waits for jobs, for what a request leaves behind, or for what it does after its
answer: they have none.
"""

import asyncio
from contextvars import Context, ContextVar, copy_context
from datetime import timedelta
from typing import Any

BUDGET = timedelta(seconds=5)
"""Whoever has waited so long has typed again, or gone."""
STEP = timedelta(seconds=0.1)
"""A wait that is shorter isn't counted, so that a request may make thousands."""


class BudgetSpent(Exception):
    """A request has waited for its stores as long as it may."""


class Budget:
    """What is left for one request, counted in steps; waits at the same time count once.

    A moment in which this process stood still counts as one step.
    """

    def __init__(self) -> None:
        self._left = BUDGET // STEP
        self._awaited: set[asyncio.Future[Any]] = set()
        self._for_a_step: set[asyncio.Future[Any]] = set()

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return not self._left

    async def wait_for(self, reply: asyncio.Future[Any]) -> Any:
        """Return a reply; raise BudgetSpent as soon as nothing is left."""
        if not self._awaited:
            self._for_a_step = {reply}
            self._next_step()
        self._awaited.add(reply)
        try:
            return await reply
        finally:
            self._awaited.discard(reply)
            if not self._awaited:
                self._step.cancel()

    def _next_step(self) -> None:
        self._step = asyncio.get_running_loop().call_later(STEP.total_seconds(), self._count)

    def _count(self) -> None:
        if self._awaited & self._for_a_step:
            self._left -= 1
        self._for_a_step = set(self._awaited)
        if self._left:
            self._next_step()
            return
        for reply in self._awaited:
            if not reply.done():
                reply.set_exception(BudgetSpent())


_of_request: ContextVar[Budget | None] = ContextVar("budget", default=None)


def begin_budget() -> None:
    """Give the request that begins in this task, and the tasks that it starts, a budget of their own."""
    _of_request.set(Budget())


def end_budget() -> None:
    """Let the rest of the request take its time: no person waits for it, or they have their answer."""
    _of_request.set(None)


def budget_of_request() -> Budget | None:
    """Return the budget of this task, if it has one; raise BudgetSpent where nothing is left of it."""
    budget = _of_request.get()
    if budget and budget.spent:
        raise BudgetSpent
    return budget


def without_budget() -> Context:
    """Return the context for a task that the request doesn't wait for."""
    context = copy_context()
    context.run(end_budget)
    return context
