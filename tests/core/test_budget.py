"""What of a request's waiting its budget counts."""

import asyncio
import time
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from bot.core import budget as budgets
from bot.core.background import BackgroundTasks
from bot.core.budget import STEP, Budget, BudgetSpent, begin_budget, budget_of_request

SECONDS = 0.6
SHORT, LONG = STEP.total_seconds() / 20, 2.5 * STEP.total_seconds()


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> Budget:
    monkeypatch.setattr(budgets, "BUDGET", timedelta(seconds=SECONDS))
    return Budget()


def answer(reply: asyncio.Future[Any]) -> None:
    if not reply.done():
        reply.set_result(None)


async def waits(budget: Budget, *seconds: float) -> None:
    """Wait for one reply after another."""
    loop = asyncio.get_running_loop()
    for one in seconds:
        reply = loop.create_future()
        loop.call_later(one, answer, reply)
        await budget.wait_for(reply)


async def until_spent(waiting: Awaitable[Any]) -> float:
    began = time.monotonic()
    with pytest.raises(BudgetSpent):
        await waiting
    return time.monotonic() - began


async def test_a_wait_under_way_ends_when_nothing_is_left(budget: Budget) -> None:
    never: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    assert SECONDS <= await until_spent(budget.wait_for(never)) < 2 * SECONDS
    assert budget.spent


async def test_waits_one_after_another_are_added_up(budget: Budget) -> None:
    assert await until_spent(waits(budget, *[LONG] * 20)) >= SECONDS


async def test_waits_at_the_same_time_count_once(budget: Budget) -> None:
    await asyncio.gather(*(waits(budget, SECONDS / 2) for _ in range(50)))
    assert not budget.spent


async def test_long_waits_that_overlap_are_all_counted(budget: Budget) -> None:
    async def second() -> None:
        await asyncio.sleep(LONG / 2)
        await waits(budget, *[LONG] * 20)

    begun = asyncio.gather(waits(budget, *[LONG] * 20), second(), return_exceptions=True)
    failures = await begun
    assert [type(one) for one in failures] == [BudgetSpent, BudgetSpent]


async def test_short_waits_count_nothing_though_they_overlap_without_a_gap(budget: Budget) -> None:
    end = time.monotonic() + 3 * SECONDS

    async def some() -> None:
        while time.monotonic() < end:
            await waits(budget, SHORT)

    await asyncio.gather(*(some() for _ in range(7)))
    assert not budget.spent


async def test_that_this_process_stood_still_counts_as_one_step(budget: Budget) -> None:
    waiting = asyncio.create_task(waits(budget, SHORT))
    await asyncio.sleep(0)
    time.sleep(3 * SECONDS)  # noqa: ASYNC251 - the machine pauses, and the answer comes
    await waiting
    assert not budget.spent


async def test_what_lies_between_two_waits_is_not_counted(budget: Budget) -> None:
    await waits(budget, LONG)
    await asyncio.sleep(2 * SECONDS)  # Ayrshare takes its time
    await waits(budget, LONG)


@pytest.mark.parametrize(("person", "budgeted"), [("U1", True), ("", False)])
async def test_work_that_no_person_waits_for_has_none(person: str, *, budgeted: bool) -> None:
    found = []

    async def work() -> None:
        found.append(budget_of_request() is not None)

    background = BackgroundTasks()
    begin_budget()
    background.start(work(), person=person)
    await background.idle()
    assert found == [budgeted]
