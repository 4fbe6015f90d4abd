"""A group under Sentinel: the client finds the primary, and after a failover the new one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, open_connection, redis_errors_mapped
from bot.storage.errors import StoreUnavailable
from tests.eventually import eventually
from tests.redis_servers import PASSWORD, Group, sentinel_group

TEAM = TeamId("T1")


class Numbers(Store):
    @redis_errors_mapped
    async def add(self, number: int) -> None:
        async with self.connection.transaction() as pipe:
            pipe.sadd("numbers", number)
            pipe.expire("numbers", 60)
            await pipe.execute()

    @redis_errors_mapped
    async def all(self) -> set[str]:
        return {str(number) for number in await self._redis.smembers("numbers")}


@pytest.fixture
async def group(tmp_path: Path) -> AsyncIterator[Group]:
    async with sentinel_group(tmp_path) as group:
        yield group


@pytest.fixture
async def connection(group: Group) -> AsyncIterator[Connection]:
    connection = open_connection(SecretStr(group.url), Metrics())
    yield connection
    await connection.redis.aclose()


async def written(numbers: Numbers, number: int) -> None:
    async def works() -> bool:
        try:
            await numbers.add(number)
        except StoreUnavailable:
            return False
        return True

    await eventually(works, f"{number} is written", within=10)


async def test_a_primary_that_died_is_replaced_and_keeps_all_that_its_replica_had(
    group: Group, connection: Connection
) -> None:
    numbers = Numbers(connection)
    for number in range(50):
        await numbers.add(number)
    await group.replicated()
    await group.primary.kill()
    with pytest.raises(StoreUnavailable):
        await numbers.add(50)
    assert "Redis takes no writes" in (await connection.trouble() or "")
    await group.promoted()
    await written(numbers, 51)
    assert await connection.trouble() is None
    assert {str(number) for number in range(50)} <= await numbers.all()


async def test_a_primary_that_hangs_is_left(group: Group, connection: Connection) -> None:
    numbers = Numbers(connection)
    await numbers.add(1)
    await group.replicated()
    group.primary.freeze()
    try:
        with pytest.raises(StoreUnavailable):
            await numbers.add(2)
        await group.promoted()
        await written(numbers, 3)
    finally:
        group.primary.thaw()
    assert await numbers.all() >= {"1", "3"}


async def test_a_sentinel_that_is_gone_is_passed_over(group: Group, connection: Connection) -> None:
    await group.sentinels[0].kill()
    assert await connection.trouble() is None


async def test_a_group_of_another_name_is_not_found_and_no_address_is_told(group: Group) -> None:
    url = group.url.replace("/connectbot/", "/other/")
    connection = open_connection(SecretStr(url), Metrics())
    assert await connection.trouble() == "Redis takes no writes: MasterNotFoundError."
    await connection.redis.aclose()


async def test_a_wrong_password_is_named_without_it(group: Group) -> None:
    connection = open_connection(SecretStr(group.url.replace(PASSWORD, "CANARY")), Metrics())
    cause = "AuthenticationError WRONGPASS (it wants another password)"
    assert await connection.trouble() == f"Redis takes no writes: {cause}."
    await connection.redis.aclose()
