"""A lock has one owner at a time, and only its owner releases it."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from bot.core import budget as budgets
from bot.core.model import TeamId
from bot.storage.connection import Connection
from bot.storage.lock import LEASE, Locks
from tests.eventually import eventually
from tests.redis_servers import embedded_redis

TEAM, OTHER_TEAM = TeamId("T1"), TeamId("T2")
LONG, SHORT = timedelta(seconds=30), timedelta(milliseconds=20)
KEY = "connectbot:{T1}:lock:drawing"


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Connection]:
    async with embedded_redis(tmp_path / "data") as redis:
        yield redis


async def expired(redis: Connection) -> None:
    async def look() -> bool:
        return not await redis.redis.exists(KEY)

    await eventually(look, "the lease has expired")


async def test_one_owner_at_a_time_holds_a_lock_of_a_name_in_a_workspace(redis: Connection) -> None:
    ours, theirs = Locks(redis), Locks(redis)
    async with ours.hold(TEAM, "drawing", longest=LONG) as first:
        async with theirs.hold(TEAM, "drawing", longest=LONG) as second:
            assert (first, second) == (True, False)
        async with theirs.hold(TEAM, "offer", longest=LONG) as other_name:
            assert other_name
        async with theirs.hold(OTHER_TEAM, "drawing", longest=LONG) as other_team:
            assert other_team
        assert 0 < await redis.redis.pttl(KEY) <= LEASE / timedelta(milliseconds=1)
    assert not await redis.redis.keys("connectbot:*:lock:*")


async def test_a_lock_is_acquired_as_soon_as_it_is_released_within_the_wait(redis: Connection) -> None:
    locks, order = Locks(redis), list[str]()

    async def waits() -> None:
        async with locks.hold(TEAM, "drawing", longest=LONG, wait=LONG) as acquired:
            assert acquired
            order.append("second")

    async with locks.hold(TEAM, "drawing", longest=LONG):
        waiting = asyncio.create_task(waits())
        async with locks.hold(TEAM, "drawing", longest=LONG, wait=SHORT) as too_soon:
            assert not too_soon
        order.append("first")
    await waiting
    assert order == ["first", "second"]


async def test_a_lock_is_renewed_while_it_is_held(redis: Connection) -> None:
    lease = timedelta(milliseconds=400)
    locks = Locks(redis, lease=lease)
    async with locks.hold(TEAM, "drawing", longest=LONG):
        async with locks.hold(TEAM, "drawing", longest=LONG, wait=2 * lease) as second:
            assert not second
        assert 0 < await redis.redis.pttl(KEY) <= lease / timedelta(milliseconds=1)
    assert not await redis.redis.exists(KEY)


async def test_a_request_that_has_spent_its_budget_keeps_its_lock_and_releases_it(
    redis: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "BUDGET", budgets.STEP)
    lease = timedelta(milliseconds=400)
    locks = Locks(redis, lease=lease)

    async def another() -> bool:
        async with locks.hold(TEAM, "drawing", longest=LONG, wait=2 * lease) as second:
            return second

    budgets.begin_budget()
    async with locks.hold(TEAM, "drawing", longest=LONG):
        budget = budgets.budget_of_request()
        assert budget
        with pytest.raises(budgets.BudgetSpent):
            await budget.wait_for(asyncio.get_running_loop().create_future())
        assert not await asyncio.create_task(another(), context=budgets.without_budget())
    budgets.end_budget()
    assert not await redis.redis.exists(KEY)


async def test_a_late_release_leaves_the_lock_to_its_next_owner(redis: Connection) -> None:
    locks = Locks(redis)
    async with locks.hold(TEAM, "drawing", longest=SHORT) as slow:
        await expired(redis)
        next_owner = locks.hold(TEAM, "drawing", longest=LONG)
        assert (slow, await next_owner.__aenter__()) == (True, True)
    async with locks.hold(TEAM, "drawing", longest=LONG) as third:
        assert not third
    await next_owner.__aexit__(None, None, None)
    assert not await redis.redis.exists(KEY)


async def test_a_lock_is_released_by_what_fails_and_ends_with_its_lease_where_the_owner_dies(redis: Connection) -> None:
    locks = Locks(redis)
    with pytest.raises(ValueError, match="failed"):
        async with locks.hold(TEAM, "drawing", longest=LONG):
            raise ValueError("failed")
    assert not await redis.redis.exists(KEY)
    await redis.redis.set(KEY, "a process that died", px=SHORT)
    async with locks.hold(TEAM, "drawing", longest=LONG, wait=LONG) as acquired:
        assert acquired


async def test_a_redis_that_goes_away_meanwhile_spoils_nothing_that_was_done(redis: Connection) -> None:
    locks = Locks(redis)
    async with locks.hold(TEAM, "drawing", longest=SHORT) as acquired:
        assert acquired
        await redis.redis.execute_command("CLIENT", "PAUSE", "1700", "ALL")  # type: ignore[no-untyped-call] # redis-py leaves it untyped


@pytest.mark.parametrize("again", [False, True], ids=["once", "twice"])
async def test_a_cancelled_owner_releases_the_lock(redis: Connection, *, again: bool) -> None:
    holding = asyncio.Event()

    async def holds() -> None:
        async with Locks(redis, lease=LONG).hold(TEAM, "drawing", longest=LONG):
            holding.set()
            try:
                await asyncio.Event().wait()
            finally:
                if again:
                    owner.cancel()

    owner = asyncio.create_task(holds())
    await holding.wait()
    owner.cancel()
    with pytest.raises(asyncio.CancelledError):
        await owner
    await expired(redis)


async def test_an_attempt_cancelled_at_any_moment_leaves_no_lock_behind(redis: Connection) -> None:
    async def holds() -> None:
        async with Locks(redis, lease=LONG).hold(TEAM, "drawing", longest=LONG, wait=LONG):
            pass

    for steps in range(40):
        attempt = asyncio.create_task(holds())
        for _ in range(steps):
            await asyncio.sleep(0)
        attempt.cancel()
        await asyncio.wait({attempt})
        await expired(redis)


async def test_a_cancelled_waiter_leaves_the_lock_to_its_owner(redis: Connection) -> None:
    locks = Locks(redis)

    async def waits() -> None:
        async with locks.hold(TEAM, "drawing", longest=LONG, wait=LONG):
            raise AssertionError("it is held by another owner")

    async with locks.hold(TEAM, "drawing", longest=LONG):
        token = await redis.redis.get(KEY)
        waiter = asyncio.create_task(waits())
        async with locks.hold(TEAM, "drawing", longest=LONG, wait=SHORT) as second:
            assert not second
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        assert await redis.redis.get(KEY) == token
    assert not await redis.redis.exists(KEY)


async def test_a_lost_lock_is_logged_and_not_renewed_for_its_next_owner(redis: Connection) -> None:
    locks = Locks(redis, lease=timedelta(milliseconds=200))
    with structlog.testing.capture_logs() as logged:
        async with locks.hold(TEAM, "drawing", longest=LONG):
            await redis.redis.set(KEY, "another owner", px=LONG)

            async def told() -> bool:
                return [line["event"] for line in logged] == ["lock_lost"]

            await eventually(told, "the loss is logged")
        assert await redis.redis.pttl(KEY) > LEASE / timedelta(milliseconds=1)


async def test_a_lock_is_free_as_soon_as_the_longest_time_has_passed(redis: Connection) -> None:
    lease, longest = timedelta(seconds=2), timedelta(seconds=0.6)
    async with Locks(redis, lease=lease).hold(TEAM, "drawing", longest=longest):
        end = time.monotonic() + longest.total_seconds()
        await expired(redis)
        assert time.monotonic() < end + 1  # a whole lease would end later


async def test_the_lease_of_who_died_ends_soon_although_the_servers_clock_was_set_back(redis: Connection) -> None:
    await redis.redis.set(KEY, "of who died", px=timedelta(hours=1))
    async with Locks(redis, lease=SHORT).hold(TEAM, "drawing", longest=LONG, wait=LONG) as acquired:
        assert acquired
