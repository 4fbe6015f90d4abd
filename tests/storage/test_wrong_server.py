"""One address behind which the primary changes: the client leaves a server that is no longer the primary."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.storage.connection import Connection, Store, open_connection, redis_errors_mapped
from bot.storage.errors import StoreUnavailable
from tests import canaries
from tests.eventually import eventually
from tests.redis_servers import PASSWORD, MovingAddress, RedisServer, data_options, moving_address


class Numbers(Store):
    @redis_errors_mapped
    async def add(self) -> int:
        return int(await self._redis.incr("number"))

    @redis_errors_mapped
    async def add_in_a_transaction(self) -> int:
        async with self.connection.transaction() as pipe:
            pipe.incr("number")
            return int((await pipe.execute())[0])

    @redis_errors_mapped
    async def add_by_script(self) -> int:
        return int(await self._redis.register_script("return redis.call('INCR', KEYS[1])")(keys=["number"]))

    @redis_errors_mapped
    async def last(self) -> int:
        return int(await self._redis.get("number") or 0)

    async def works(self) -> bool:
        try:
            return bool(await self.add())
        except StoreUnavailable:
            return False


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[tuple[RedisServer, RedisServer]]:
    """Two servers without sentinels, the first of them the primary of none."""
    first, second = (RedisServer(tmp_path, *data_options()) for _ in range(2))
    try:
        await first.start()
        await second.start()
        yield first, second
    finally:
        await first.close()
        await second.close()


@pytest.fixture
async def address(servers: tuple[RedisServer, RedisServer]) -> AsyncIterator[MovingAddress]:
    async with moving_address() as address:
        address.target = servers[0].port
        yield address


@pytest.fixture
async def connection(address: MovingAddress) -> AsyncIterator[Connection]:
    url = SecretStr(f"redis://:{PASSWORD}@127.0.0.1:{address.port}")
    connection = open_connection(url, Metrics())
    yield connection
    await connection.redis.aclose()


@pytest.mark.parametrize("way", ["add", "add_in_a_transaction", "add_by_script"])
async def test_a_demoted_server_is_left_at_once_when_the_address_has_moved(
    servers: tuple[RedisServer, RedisServer], address: MovingAddress, connection: Connection, way: str
) -> None:
    numbers = Numbers(connection)
    assert await getattr(numbers, way)() == 1
    await servers[0].client.replicaof("127.0.0.1", servers[1].port)
    address.target = servers[1].port
    await servers[1].client.set("number", 10)
    assert await getattr(numbers, way)() == 11  # on the connection to the first server it is refused


async def test_while_the_address_leads_to_a_replica_it_is_said_in_words_and_logged_with_its_cause(
    servers: tuple[RedisServer, RedisServer], address: MovingAddress, connection: Connection
) -> None:
    numbers = Numbers(connection)
    await servers[0].client.replicaof("127.0.0.1", servers[1].port)
    with canaries.listening() as lines:
        with pytest.raises(StoreUnavailable):
            await numbers.add()
        assert await connection.trouble() == "Redis takes no writes: ReadOnlyError READONLY (it is a replica)."
    assert "ReadOnlyError READONLY" in "".join(lines.lines)
    assert PASSWORD not in "".join(lines.lines)
    await servers[0].client.replicaof("NO", "ONE")
    await eventually(numbers.works, "the server takes writes again")
    assert await connection.trouble() is None


async def test_a_replica_without_its_primary_is_left_by_whoever_only_reads(
    servers: tuple[RedisServer, RedisServer], address: MovingAddress, connection: Connection
) -> None:
    await servers[0].client.config_set("replica-serve-stale-data", "no")
    await servers[0].client.replicaof("127.0.0.1", 1)
    numbers = Numbers(connection)
    with canaries.listening() as lines, pytest.raises(StoreUnavailable):
        await numbers.last()
    assert "MasterDownError MASTERDOWN" in "".join(lines.lines)
    address.target = servers[1].port
    await eventually(numbers.works, "the other server is used")
    assert await numbers.last() == 1


async def test_a_server_that_is_gone_is_named_by_the_failure_and_never_by_its_address(
    servers: tuple[RedisServer, RedisServer], address: MovingAddress, connection: Connection
) -> None:
    assert await connection.trouble() is None
    await servers[0].kill()
    problem = await connection.trouble()
    assert problem
    assert "127.0.0.1" not in problem
    await servers[0].start()
    await eventually(Numbers(connection).works, "the server that came back is used")


async def test_a_server_that_is_still_loading_is_left(
    servers: tuple[RedisServer, RedisServer], address: MovingAddress, connection: Connection
) -> None:
    pipe = servers[0].client.pipeline(transaction=False)
    for number in range(5_000):
        pipe.set(f"key:{number}", "")
    await pipe.execute()
    await servers[0].client.bgrewriteaof()
    await servers[0].client.config_set("key-load-delay", 500)  # microseconds
    await servers[0].client.config_set("loading-process-events-interval-bytes", 1024)
    await servers[0].client.config_rewrite()

    async def is_rewritten() -> bool:
        return not (await servers[0].said("persistence"))["aof_rewrite_in_progress"]

    await eventually(is_rewritten, "the server has a short file to load")
    await servers[0].kill()
    restarting = asyncio.create_task(servers[0].start())

    async def is_loading() -> bool:
        return await connection.trouble() == "Redis takes no writes: BusyLoadingError LOADING (it is still starting)."

    await eventually(is_loading, "the server says that it is loading")
    address.target = servers[1].port
    assert await connection.trouble() is None
    assert not restarting.done()
    await restarting
