"""A Cluster: transactions and scripts of a workspace, and what has to look at all nodes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.exceptions import ResponseError

from bot.ayrshare.model import Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.profiles.mapping_store import MappingStore
from bot.profiles.rotation import Rotation, SealedProfileStore
from bot.profiles.store import ProfileStore
from bot.storage.batching import BATCHES_AT_ONCE
from bot.storage.connection import Connection, Store, open_connection, redis_errors_mapped
from bot.storage.encryption_keys import new_key, parse_keys
from bot.storage.envelope import KeyRing
from bot.storage.errors import StoreUnavailable
from bot.storage.idempotency import IdempotencyKeys
from bot.storage.keys import Keys
from tests.eventually import eventually
from tests.redis_servers import ClusterOfThree, cluster_of_three

TEAMS = [TeamId(f"T{number}") for number in range(12)]
"""Their keys are on all three nodes."""

NO_REPLICAS = "ResponseError NOREPLICAS (too few replicas are connected)"


class Numbers(Store):
    @redis_errors_mapped
    async def add(self, team: TeamId, number: int) -> int:
        async with self.connection.transaction() as pipe:
            pipe.zadd(f"{{{team}}}:numbers", {str(number): number})
            pipe.set(f"{{{team}}}:last", number, px=timedelta(minutes=1), get=True)
            pipe.zcard(f"{{{team}}}:numbers")
            *_, count = await pipe.execute()
            return int(count)


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[ClusterOfThree]:
    async with cluster_of_three(tmp_path, replicas=1) as cluster:
        yield cluster


@pytest.fixture
async def connection(cluster: ClusterOfThree) -> AsyncIterator[Connection]:
    connection = open_connection(SecretStr(cluster.url), Metrics())
    yield connection
    await connection.redis.aclose()


async def test_a_transaction_is_done_as_one_step_on_the_node_that_has_its_keys(connection: Connection) -> None:
    numbers = Numbers(connection)
    for team in TEAMS:
        assert [await numbers.add(team, number) for number in range(3)] == [1, 2, 3]


async def test_a_transaction_that_the_server_refuses_changes_nothing(
    cluster: ClusterOfThree, connection: Connection
) -> None:
    for primary in cluster.primaries:
        await primary.client.config_set("min-replicas-to-write", 5)
    numbers = Numbers(connection)
    with pytest.raises(StoreUnavailable):
        await numbers.add(TEAMS[0], 1)
    for primary in cluster.primaries:
        await primary.client.config_set("min-replicas-to-write", 0)
    await connection.trouble()
    assert await numbers.add(TEAMS[0], 2) == 1


async def test_keys_of_two_workspaces_are_never_in_one_transaction(connection: Connection) -> None:
    pipe = connection.transaction()
    pipe.set("{T1}:a", 1)
    pipe.set("{T2}:a", 1)
    with pytest.raises(ResponseError):
        await pipe.execute()
    assert await connection.redis.get("{T1}:a") is None


async def test_commands_of_many_requests_share_a_few_connections(
    cluster: ClusterOfThree, connection: Connection
) -> None:
    keys = [f"{{{team}}}:{number}" for team in TEAMS for number in range(50)]
    await connection.redis.get(keys[0])  # the map of slots is known
    assert await asyncio.gather(*(connection.redis.set(key, key) for key in keys)) == [True] * len(keys)
    assert await asyncio.gather(*(connection.redis.get(key) for key in keys)) == keys
    for primary in cluster.primaries:
        ours = [one for one in await primary.client.client_list() if one["name"] == "connectbot"]
        assert len(ours) <= BATCHES_AT_ONCE + 1  # one asked for the map


async def test_a_slot_that_has_moved_is_followed(cluster: ClusterOfThree, connection: Connection) -> None:
    await connection.redis.get("{T1}:a")
    former = await cluster.primary_of("{T1}:a")
    new = next(one for one in cluster.primaries if one is not former)
    await cluster.give_slot("{T1}:a", new)
    keys = [f"{{T1}}:{number}" for number in range(200)]
    assert await asyncio.gather(*(connection.redis.set(key, 1) for key in keys)) == [True] * len(keys)
    assert await new.client.dbsize() == len(keys)


async def test_each_primary_has_to_take_writes(cluster: ClusterOfThree, connection: Connection) -> None:
    assert await connection.trouble() is None
    for primary in cluster.primaries:
        assert await primary.client.dbsize() == 1
        await primary.client.config_set("min-replicas-to-write", 5)
        assert await connection.trouble() == f"Redis takes no writes: {NO_REPLICAS}."
        await primary.client.config_set("min-replicas-to-write", 0)


async def test_whether_writes_are_taken_is_asked_of_the_right_nodes_at_once(
    cluster: ClusterOfThree, connection: Connection
) -> None:
    await connection.trouble()
    for primary in cluster.primaries:
        await primary.client.config_resetstat()
    assert await connection.trouble() is None
    assert [await primary.said("errorstats") for primary in cluster.primaries] == [{}, {}, {}]  # no MOVED


async def test_a_script_that_is_new_to_a_node_needs_no_other_node(
    cluster: ClusterOfThree, connection: Connection
) -> None:
    for server in cluster.servers:
        await server.client.config_set("cluster-require-full-coverage", "no")
    of_first = [team for team in TEAMS if await cluster.primary_of(f"{{{team}}}:numbers") is cluster.primaries[0]]
    await connection.trouble()
    await cluster.primaries[2].kill()
    assert await Numbers(connection).add(of_first[0], 1) == 1


async def test_mappings_and_keys_of_all_workspaces_are_found_on_all_nodes(connection: Connection) -> None:
    old, new = new_key(), new_key()
    mappings, profiles = MappingStore(connection), ProfileStore(connection, KeyRing(parse_keys(old)))
    for team in TEAMS:
        await profiles.save(team, Profile(RefId("r"), "Acme", SecretStr("key")))
        await mappings.add(team, UserId("U1"), RefId("r"), by="test")
        await connection.redis.set(f"connectbot:{{{team}}}:expires", f"v1:{old.partition(':')[0]}:x", px=60_000)
    assert set(await mappings.teams()) == set(TEAMS)
    ring = KeyRing(parse_keys(f"{new},{old}"))
    rotation = Rotation(SealedProfileStore(connection, ring), ring)
    await rotation.run(lambda: None)
    assert rotation.total == len(rotation.resealed) == len(TEAMS)
    (needed,) = await rotation.old_keys()
    assert needed.profiles == 0
    assert needed.until is not None
    assert needed.until > datetime.now(UTC)


async def test_a_node_that_closed_its_connections_is_read_nevertheless(
    cluster: ClusterOfThree, connection: Connection
) -> None:
    for team in TEAMS:
        await connection.redis.set(f"{{{team}}}:mark", "")
    for _ in range(2):
        found = [key async for page in Keys(connection).matching("*:mark") for key in page]
        assert len(found) == len(TEAMS)
        for primary in cluster.primaries:
            await primary.client.execute_command("CLIENT KILL", "TYPE", "normal", "SKIPME", "yes")


@pytest.mark.parametrize("how", ["dies", "hangs"])
async def test_a_node_that_is_lost_is_replaced_by_its_replica(
    cluster: ClusterOfThree, connection: Connection, how: str
) -> None:
    numbers, keys = Numbers(connection), IdempotencyKeys(connection)
    for team in TEAMS:
        await numbers.add(team, 1)
        assert await keys.claim(team, "this", within=timedelta(minutes=5))
    lost = cluster.primaries[0]
    await lost.client.wait(1, 1000)
    if how == "dies":
        await lost.kill()
    else:
        lost.freeze()

    async def works() -> bool:
        try:
            return [await numbers.add(team, 2) for team in TEAMS] == [2] * len(TEAMS)
        except StoreUnavailable:
            return False

    try:
        await eventually(works, "all workspaces can be served again", within=20)
        assert await connection.trouble() is None
        for team in TEAMS:
            assert not await keys.claim(team, "this", within=timedelta(minutes=5))
    finally:
        lost.thaw() if how == "hangs" else None
