"""Of several equal requests one is carried out; another one only after it failed, or some time after it was done."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.model import TeamId
from bot.storage.connection import Connection
from bot.storage.lock import Locks
from bot.storage.single_flight import DONE_FOR, OTHER_VERSION_AFTER, SingleFlights
from tests.eventually import eventually
from tests.redis_servers import embedded_redis

TEAM = TeamId("T1")
KEY = "connectbot:{T1}:lock:new_link"
NO_WAIT = timedelta(0)


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Connection]:
    async with embedded_redis(tmp_path / "data") as redis:
        yield redis


async def asks(redis: Connection, *, version: str = "1", wait: timedelta = NO_WAIT) -> bool | None:
    flights = SingleFlights(redis, Locks(redis))
    async with flights.hold(TEAM, "new_link", version=version, longest=timedelta(seconds=30), wait=wait) as first:
        return first


async def test_of_requests_at_once_one_is_carried_out_and_the_others_learn_that_it_was(redis: Connection) -> None:
    answers = await asyncio.gather(*(asks(redis, wait=timedelta(seconds=5)) for _ in range(5)))
    assert sorted(answers, key=bool) == [False] * 4 + [True]


async def test_who_does_not_wait_learns_that_it_is_under_way(redis: Connection) -> None:
    flights = SingleFlights(redis, Locks(redis))
    async with flights.hold(TEAM, "new_link", version="1", longest=timedelta(seconds=30), wait=NO_WAIT) as first:
        assert (first, await asks(redis)) == (True, None)


async def test_what_failed_may_be_begun_again_at_once(redis: Connection) -> None:
    flights = SingleFlights(redis, Locks(redis))
    with pytest.raises(ValueError, match="failed"):
        async with flights.hold(TEAM, "new_link", version="1", longest=timedelta(seconds=30), wait=NO_WAIT):
            raise ValueError("failed")
    assert await asks(redis) is True


async def test_another_version_is_carried_out_once_it_was_seen_for_a_moment(redis: Connection) -> None:
    assert await asks(redis, version="1") is True
    assert await asks(redis, version="2") is False
    await redis.redis.pexpire(KEY, DONE_FOR - OTHER_VERSION_AFTER - timedelta(seconds=1))
    assert await asks(redis, version="1") is False
    assert await asks(redis, version="2") is True


async def test_the_request_of_a_process_that_died_is_begun_by_another_when_its_lease_ends(redis: Connection) -> None:
    await redis.redis.set(KEY, "the token of a dead process", px=200)
    assert await asks(redis) is None

    async def begun() -> bool:
        return await asks(redis) is True

    await eventually(begun, "the lease has ended")
