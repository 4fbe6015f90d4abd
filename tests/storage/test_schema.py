"""The version of the stored data: older data is brought up to date once, and newer data is left alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import Bot, running_bot, running_worker
from bot.cli.records import records_of
from bot.core.metrics import Metrics
from bot.settings import Settings
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.schema import MIGRATIONS, VERSION_KEY, NewerData, Schema
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.commands import bot_command, command
from tests.conftest import Map
from tests.eventually import eventually
from tests.keys import RING
from tests.redis_probe import redis_of
from tests.redis_servers import PASSWORD, RedisServer, cluster_of_three, data_options
from tests.users import Someone

LATEST = len(MIGRATIONS)


@asynccontextmanager
async def embedded(folder: Path) -> AsyncIterator[Connection]:
    async with embedded_server(folder / "data", bot=False) as url:
        connection = open_connection(SecretStr(url), Metrics())
        yield connection
        await connection.redis.aclose()


@pytest.fixture(params=["embedded", "cluster"])
async def connection(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Connection]:
    if request.param == "embedded":
        async with embedded(tmp_path) as connection:
            yield connection
        return
    async with cluster_of_three(tmp_path) as cluster:
        connection = open_connection(SecretStr(cluster.url), Metrics())
        yield connection
        await connection.redis.aclose()


async def test_data_without_a_version_loses_only_what_nothing_reads(connection: Connection) -> None:
    redis = connection.redis
    kept = [f"connectbot:{{T{n}}}:mappings" for n in range(9)]
    left_over = [f"connectbot:{{T{n}}}:{name}" for n in range(9) for name in ("agenda", "drawings", "drawn", "sweep")]
    for key in (*kept, *left_over, "connectbot:docket:stream", "another:app"):
        await redis.set(key, "x")
    await Schema(connection).bring_up_to_date()
    assert await Schema(connection).version() == LATEST
    assert not [key for key in (*left_over, "connectbot:docket:stream") if await redis.exists(key)]
    assert [key for key in (*kept, "another:app") if not await redis.exists(key)] == []


async def test_replicas_that_start_at_once_migrate_once(connection: Connection) -> None:
    began = list[int]()

    async def slow(_connection: Connection) -> None:
        began.append(1)
        await asyncio.sleep(0.2)

    async def quick(_connection: Connection) -> None:
        began.append(2)

    replicas = [Schema(connection, (*MIGRATIONS, slow, quick)) for _ in range(5)]
    await asyncio.gather(*(replica.bring_up_to_date() for replica in replicas))
    assert began == [1, 2]
    assert await replicas[0].version() == LATEST + 2


async def test_a_migration_that_was_broken_off_is_begun_again_and_those_before_it_are_not(
    connection: Connection,
) -> None:
    done = list[str]()

    async def first(_connection: Connection) -> None:
        done.append("first")

    async def dies(_connection: Connection) -> None:
        done.append("second")
        if done.count("second") == 1:
            raise ZeroDivisionError

    schema = Schema(connection, (*MIGRATIONS, first, dies))
    with pytest.raises(ZeroDivisionError):
        await schema.bring_up_to_date()
    await schema.bring_up_to_date()
    assert done == ["first", "second", "second"]


async def test_newer_data_is_refused_and_left_as_it_is(connection: Connection) -> None:
    await connection.redis.set(VERSION_KEY, LATEST + 1)
    with pytest.raises(NewerData):
        await Schema(connection).bring_up_to_date()
    assert await connection.redis.get(VERSION_KEY) == str(LATEST + 1)


async def test_todays_data_without_a_version_serves_on(bot: Bot, ben: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await redis_of(bot).delete(VERSION_KEY)
    async with running_worker(bot.deps.settings):
        assert await redis_of(bot).get(VERSION_KEY) == str(LATEST)
    await ben.types()
    await ben.sees_a_card("Acme: Jane")


@pytest.mark.parametrize(("words", "code"), [("run", 2), ("mappings list", 2), ("doctor", 1)])
async def test_bot_and_commands_say_that_the_data_is_newer(
    environment: dict[str, str], sandbox: Sandbox, tmp_path: Path, words: str, code: int
) -> None:
    async with embedded(tmp_path) as connection:
        await connection.redis.set(VERSION_KEY, LATEST + 1)
    ended = await (bot_command if words == "run" else command)(*words.split(), environment=environment)
    assert ended.code == code
    said = " ".join((ended.out + ended.err).split())
    assert f"has version {LATEST + 1}, from a newer connectbot" in said
    assert "Traceback" not in said


async def test_a_bot_that_started_before_its_redis_ends_when_the_data_is_newer(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = RedisServer(tmp_path / "redis", *data_options())
    await server.start()
    await server.client.set(VERSION_KEY, LATEST + 1)
    await server.kill()
    url = f"redis://:{PASSWORD}@127.0.0.1:{server.port}/0"
    for name, value in (environment | {"REDIS_URL": url, "ENCRYPTION_KEYS": RING}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NewerData):
        await run_while_the_server_starts(server)
    written = {"connectbot:ready"}  # whether Redis takes writes
    assert set(await server.client.keys("*")) - written == {VERSION_KEY}
    await server.close()


async def run_while_the_server_starts(server: RedisServer) -> None:
    async with running_bot(Settings()):
        await server.start()
        await asyncio.Event().wait()


async def test_a_version_that_cannot_be_read_is_said_once_and_keeps_nobody_waiting(
    connection: Connection, log_lines: Lines
) -> None:
    await connection.redis.set(VERSION_KEY, "not a number")

    async def nobody_tries_again() -> bool:
        return not [task for task in asyncio.all_tasks() if "_once_reachable" in repr(task.get_coro())]

    async with Schema(connection).kept_up_to_date():
        await eventually(nobody_tries_again, "it is given up")
    assert sum("record_damaged" in line for line in log_lines.lines) == 1
    assert VERSION_KEY in (await records_of(connection)).damaged[0]
