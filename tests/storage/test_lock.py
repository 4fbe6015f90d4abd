"""A lock has one owner at a time, and only its owner releases it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.lock import LEASE, Locks
from tests.eventually import eventually

TEAM, OTHER_TEAM = TeamId("T1"), TeamId("T2")
LONG, SHORT = timedelta(seconds=30), timedelta(milliseconds=20)
KEY = "connectbot:{T1}:lock:drawing"


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Connection]:
    async with embedded_server(tmp_path / "data", bot=True) as url:
        redis = open_connection(SecretStr(url), Metrics())
        yield redis
        await redis.redis.aclose()


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
