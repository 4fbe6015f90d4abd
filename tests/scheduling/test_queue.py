"""What is due later: each errand goes to one at a time, and again where that one dies; drawings wait for their turn."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.scheduling.job import Errand, Kind
from bot.scheduling.queue import LEASE, MINUTE, TURNS, TURNS_THAT_CAN_WAIT, AgendaStore
from bot.storage.connection import open_connection
from bot.storage.embedded import embedded_server

TEAM = TeamId("T1")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TICK, END = Errand(Kind.TICK, "a"), Errand(Kind.END, "a")


@pytest.fixture
async def agenda(tmp_path: Path) -> AsyncIterator[AgendaStore]:
    async with embedded_server(tmp_path / "data", bot=True) as url:
        redis = open_connection(SecretStr(url), Metrics())
        yield AgendaStore(redis)
        await redis.redis.aclose()


async def taken(agenda: AgendaStore, now: datetime) -> list[Errand]:
    return [one.errand for one in await agenda.take(TEAM, now=now, at_most=1000)]


async def turns(agenda: AgendaStore, now: datetime) -> list[Errand]:
    """Use every turn that there is."""
    errands = []
    while isinstance(errand := await agenda.turn(TEAM, now=now), Errand):
        await agenda.drawn(TEAM, errand)
        errands.append(errand)
    return errands


async def wait(agenda: AgendaStore, kind: Kind, count: int, *, at: datetime = NOON) -> list[Errand]:
    """Let some drawings come due."""
    errands = [Errand(kind, f"{number:03}") for number in range(count)]
    for errand in errands:
        await agenda.plan(TEAM, errand, at=at)
    assert len(await taken(agenda, at)) == count
    return errands


async def test_what_is_due_is_taken_once_and_not_before(agenda: AgendaStore) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    assert await taken(agenda, NOON - SECOND) == []
    assert not await agenda.has_due(TEAM, now=NOON - SECOND)
    assert await agenda.has_due(TEAM, now=NOON)
    assert await taken(agenda, NOON) == [TICK]
    assert await taken(agenda, NOON) == []


async def test_the_moment_for_which_it_was_planned_comes_back(agenda: AgendaStore) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (one,) = await agenda.take(TEAM, now=NOON + SECOND, at_most=1)
    assert one.due == NOON


async def test_no_more_is_taken_than_there_are_hands_but_all_drawings_begin_to_wait(agenda: AgendaStore) -> None:
    for number in range(3):
        await agenda.plan(TEAM, Errand(Kind.TICK, str(number)), at=NOON)
        await agenda.plan(TEAM, Errand(Kind.CARD_TICK, str(number)), at=NOON)
    taken = await agenda.take(TEAM, now=NOON, at_most=1)
    assert sorted(one.errand.kind for one in taken) == [Kind.CARD_TICK] * 3 + [Kind.TICK]
    (second,) = await agenda.take(TEAM, now=NOON, at_most=1)
    assert second.errand not in {one.errand for one in taken}
    assert await agenda.take(TEAM, now=NOON, at_most=0) == ()


async def test_what_is_being_drawn_has_no_second_turn_meanwhile(agenda: AgendaStore) -> None:
    (receipt,) = await wait(agenda, Kind.RECEIPT, 1)
    assert await agenda.turn(TEAM, now=NOON) == receipt
    await wait(agenda, Kind.RECEIPT, 1)
    assert await agenda.turn(TEAM, now=NOON) is None
    await agenda.drawn(TEAM, receipt)
    assert await agenda.turn(TEAM, now=NOON) == receipt


async def test_what_its_taker_left_undone_is_taken_again_after_the_lease(agenda: AgendaStore) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    assert await taken(agenda, NOON) == [TICK]
    assert await taken(agenda, NOON + LEASE) == []
    assert await taken(agenda, NOON + LEASE + SECOND) == [TICK]


async def test_what_is_done_is_gone(agenda: AgendaStore) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (one,) = await agenda.take(TEAM, now=NOON, at_most=1)
    await agenda.done(TEAM, one)
    assert await taken(agenda, NOON + 2 * LEASE) == []
    assert await agenda.count(TEAM, Kind.TICK) == 0


@pytest.mark.parametrize("after", [SECOND, LEASE, 2 * LEASE], ids=["sooner", "at the very end of the lease", "later"])
async def test_what_is_planned_anew_while_it_is_done_comes_again(agenda: AgendaStore, after: timedelta) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (one,) = await agenda.take(TEAM, now=NOON, at_most=1)
    await agenda.plan(TEAM, TICK, at=NOON + after)
    await agenda.done(TEAM, one)
    assert await taken(agenda, NOON + after) == [TICK]


async def test_a_later_plan_moves_an_errand_unless_it_may_not(agenda: AgendaStore) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    await agenda.plan(TEAM, END, at=NOON)
    await agenda.plan(TEAM, TICK, at=NOON + SECOND)
    await agenda.plan(TEAM, END, at=NOON + SECOND, unless_planned=True)
    assert await taken(agenda, NOON) == [END]


async def test_what_is_forgotten_never_comes(agenda: AgendaStore) -> None:
    await agenda.plan(TEAM, TICK, at=NOON)
    (drawing,) = await wait(agenda, Kind.CARD_TICK, 1, at=NOON - SECOND)
    await agenda.forget(TEAM, TICK)
    await agenda.forget(TEAM, drawing)
    assert await taken(agenda, NOON) == []
    assert await turns(agenda, NOON) == []


async def test_final_states_go_first_then_receipts_then_ticks_each_in_order(agenda: AgendaStore) -> None:
    ticks = await wait(agenda, Kind.CARD_TICK, 2)
    receipts = await wait(agenda, Kind.RECEIPT, 2, at=NOON + SECOND)
    ends = await wait(agenda, Kind.CARD_END, 2, at=NOON + 2 * SECOND)
    assert await turns(agenda, NOON + 2 * SECOND) == [*ends, *receipts, *ticks]


async def test_no_minute_has_more_turns_than_slack_gives(agenda: AgendaStore) -> None:
    ends = await wait(agenda, Kind.CARD_END, TURNS + 5)
    assert await turns(agenda, NOON) == ends[:TURNS]
    assert await agenda.turn(TEAM, now=NOON + SECOND) == MINUTE - SECOND
    assert await turns(agenda, NOON + MINUTE) == ends[TURNS:]


async def test_ticks_leave_room_for_the_final_states_of_the_same_minute(agenda: AgendaStore) -> None:
    ticks = await wait(agenda, Kind.CARD_TICK, TURNS)
    assert await turns(agenda, NOON) == ticks[:TURNS_THAT_CAN_WAIT]
    ends = await wait(agenda, Kind.CARD_END, TURNS, at=NOON + SECOND)
    assert await turns(agenda, NOON + SECOND) == ends[: TURNS - TURNS_THAT_CAN_WAIT]


async def test_a_turn_that_its_taker_never_used_is_given_again(agenda: AgendaStore) -> None:
    (end,) = await wait(agenda, Kind.CARD_END, 1)
    assert await agenda.turn(TEAM, now=NOON) == end
    assert await agenda.turn(TEAM, now=NOON) is None
    after = NOON + LEASE + SECOND
    assert await agenda.has_due(TEAM, now=after)
    assert await agenda.turn(TEAM, now=after) == end


async def test_while_slack_wants_none_nobody_has_a_turn(agenda: AgendaStore) -> None:
    (end,) = await wait(agenda, Kind.CARD_END, 1)
    await agenda.hold(TEAM, until=NOON + 30 * SECOND, span=30 * SECOND)
    assert await agenda.turn(TEAM, now=NOON) == 30 * SECOND
    assert await agenda.turn(TEAM, now=NOON + 30 * SECOND) == end


async def test_workspaces_have_nothing_to_do_with_each_other(agenda: AgendaStore) -> None:
    await agenda.plan(TeamId("T2"), TICK, at=NOON)
    assert await taken(agenda, NOON) == []
