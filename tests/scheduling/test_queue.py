"""What is due later: each errand goes to one at a time, and again where that one dies; drawings wait for their turn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.scheduling.job import Job, JobName
from bot.scheduling.queue import LEASE, MINUTE, TURNS, TURNS_THAT_CAN_WAIT, JobQueue
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server

TEAM = TeamId("T1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TICK, END = Job(JobName.TICK, "a"), Job(JobName.END, "a")


@pytest.fixture
async def agenda(tmp_path: Path) -> AsyncIterator[JobQueue]:
    async with embedded_server(tmp_path / "data", bot=True) as url:
        redis = open_connection(SecretStr(url), Metrics())
        yield JobQueue(redis)
        await redis.redis.aclose()


async def taken(agenda: JobQueue, now: datetime) -> list[Job]:
    return [one.job for one in await agenda.lease(TEAM, now=now, at_most=1000)]


async def turns(agenda: JobQueue, now: datetime) -> list[Job]:
    """Use every turn that there is."""
    errands = []
    while isinstance(errand := await agenda.acquire_slot(TEAM, now=now), Job):
        await agenda.release_slot(TEAM, errand)
        errands.append(errand)
    return errands


async def wait(agenda: JobQueue, kind: JobName, count: int, *, at: datetime = NOON) -> list[Job]:
    """Let some drawings come due."""
    errands = [Job(kind, f"{number:03}") for number in range(count)]
    for errand in errands:
        await agenda.plan(TEAM, errand, at=at)
    assert len(await taken(agenda, at)) == count
    return errands


async def test_what_is_due_is_taken_once_and_not_before(agenda: JobQueue) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    assert await taken(agenda, NOON - SECOND) == []
    assert not await agenda.has_due(TEAM, now=NOON - SECOND)
    assert await agenda.has_due(TEAM, now=NOON)
    assert await taken(agenda, NOON) == [TICK]
    assert await taken(agenda, NOON) == []


async def test_the_moment_for_which_it_was_planned_comes_back(agenda: JobQueue) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (one,) = await agenda.lease(TEAM, now=NOON + SECOND, at_most=1)
    assert one.due == NOON


async def test_no_more_is_taken_than_there_are_hands_but_all_drawings_begin_to_wait(agenda: JobQueue) -> None:
    for number in range(3):
        await agenda.plan(TEAM, Job(JobName.TICK, str(number)), at=NOON)
        await agenda.plan(TEAM, Job(JobName.CARD_TICK, str(number)), at=NOON)
    taken = await agenda.lease(TEAM, now=NOON, at_most=1)
    assert sorted(one.job.name for one in taken) == [JobName.CARD_TICK] * 3 + [JobName.TICK]
    (second,) = await agenda.lease(TEAM, now=NOON, at_most=1)
    assert second.job not in {one.job for one in taken}
    assert await agenda.lease(TEAM, now=NOON, at_most=0) == ()


async def test_what_is_being_drawn_has_no_second_turn_meanwhile(agenda: JobQueue) -> None:
    (receipt,) = await wait(agenda, JobName.RECEIPT, 1)
    assert await agenda.acquire_slot(TEAM, now=NOON) == receipt
    await wait(agenda, JobName.RECEIPT, 1)
    assert await agenda.acquire_slot(TEAM, now=NOON) is None
    await agenda.release_slot(TEAM, receipt)
    assert await agenda.acquire_slot(TEAM, now=NOON) == receipt


async def test_what_its_taker_left_undone_is_taken_again_after_the_lease(agenda: JobQueue) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    assert await taken(agenda, NOON) == [TICK]
    assert await taken(agenda, NOON + LEASE) == []
    assert await taken(agenda, NOON + LEASE + SECOND) == [TICK]


async def test_what_is_done_is_gone(agenda: JobQueue) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (one,) = await agenda.lease(TEAM, now=NOON, at_most=1)
    await agenda.complete(TEAM, one)
    assert await taken(agenda, NOON + 2 * LEASE) == []
    assert await agenda.count(TEAM, JobName.TICK) == 0


@pytest.mark.parametrize("after", [SECOND, LEASE, 2 * LEASE], ids=["sooner", "at the very end of the lease", "later"])
async def test_what_is_planned_anew_while_it_is_done_comes_again(agenda: JobQueue, after: timedelta) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (one,) = await agenda.lease(TEAM, now=NOON, at_most=1)
    await agenda.plan(TEAM, TICK, at=NOON + after)
    await agenda.complete(TEAM, one)
    assert await taken(agenda, NOON + after) == [TICK]


async def test_a_later_plan_moves_an_errand_unless_it_may_not(agenda: JobQueue) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    await agenda.plan(TEAM, END, at=NOON)
    await agenda.plan(TEAM, TICK, at=NOON + SECOND)
    await agenda.plan(TEAM, END, at=NOON + SECOND, unless_planned=True)
    assert await taken(agenda, NOON) == [END]


async def test_what_is_forgotten_never_comes(agenda: JobQueue) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (drawing,) = await wait(agenda, JobName.CARD_TICK, 1, at=NOON - SECOND)
    await agenda.cancel(TEAM, TICK)
    await agenda.cancel(TEAM, drawing)
    assert await taken(agenda, NOON) == []
    assert await turns(agenda, NOON) == []


async def test_final_states_go_first_then_receipts_then_ticks_each_in_order(agenda: JobQueue) -> None:
    ticks = await wait(agenda, JobName.CARD_TICK, 2)
    receipts = await wait(agenda, JobName.RECEIPT, 2, at=NOON + SECOND)
    ends = await wait(agenda, JobName.CARD_END, 2, at=NOON + 2 * SECOND)
    assert await turns(agenda, NOON + 2 * SECOND) == [*ends, *receipts, *ticks]


async def test_no_minute_has_more_turns_than_slack_gives(agenda: JobQueue) -> None:
    ends = await wait(agenda, JobName.CARD_END, TURNS + 5)
    assert await turns(agenda, NOON) == ends[:TURNS]
    assert await agenda.acquire_slot(TEAM, now=NOON + SECOND) == MINUTE - SECOND
    assert await turns(agenda, NOON + MINUTE) == ends[TURNS:]


async def test_ticks_leave_room_for_the_final_states_of_the_same_minute(agenda: JobQueue) -> None:
    ticks = await wait(agenda, JobName.CARD_TICK, TURNS)
    assert await turns(agenda, NOON) == ticks[:TURNS_THAT_CAN_WAIT]
    ends = await wait(agenda, JobName.CARD_END, TURNS, at=NOON + SECOND)
    assert await turns(agenda, NOON + SECOND) == ends[: TURNS - TURNS_THAT_CAN_WAIT]


async def test_a_turn_that_its_taker_never_used_is_given_again(agenda: JobQueue) -> None:
    (end,) = await wait(agenda, JobName.CARD_END, 1)
    assert await agenda.acquire_slot(TEAM, now=NOON) == end
    assert await agenda.acquire_slot(TEAM, now=NOON) is None
    after = NOON + LEASE + SECOND
    assert await agenda.has_due(TEAM, now=after)
    assert await agenda.acquire_slot(TEAM, now=after) == end


async def test_while_slack_wants_none_nobody_has_a_turn(agenda: JobQueue) -> None:
    (end,) = await wait(agenda, JobName.CARD_END, 1)
    await agenda.pause(TEAM, until=NOON + 30 * SECOND, span=30 * SECOND)
    assert await agenda.acquire_slot(TEAM, now=NOON) == 30 * SECOND
    assert await agenda.acquire_slot(TEAM, now=NOON + 30 * SECOND) == end


async def test_workspaces_have_nothing_to_do_with_each_other(agenda: JobQueue) -> None:
    await agenda.plan(TeamId("T2"), TICK, at=NOON)
    assert await taken(agenda, NOON) == []
