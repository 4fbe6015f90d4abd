"""Many mappings at once: all of them or none, wherever it breaks off."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.ayrshare.model import Profile
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.mappings.imports.store import Batch, ImportStore, UserMappings
from bot.people.audit import AuditStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.model import ProfileMapping
from bot.profiles.store import ProfileStore
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server
from bot.storage.encryption_keys import new_key, parse_keys
from bot.storage.envelope import KeyRing
from bot.storage.errors import StoreUnavailable

TEAM, BEN, CARA = TeamId("T1"), UserId("U1"), UserId("U2")
A, B, C = RefId("a" * 40), RefId("b" * 40), RefId("c" * 40)
ENVELOPES = KeyRing(parse_keys(new_key()))


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    async with embedded_server(tmp_path / "data", bot=True) as url:
        yield url


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    connection = open_connection(SecretStr(url), Metrics())
    yield connection
    await connection.redis.aclose()


@pytest.fixture
async def redis(url: str) -> AsyncIterator[Connection]:
    async with connected(url) as connection:
        yield connection


def store(redis: Connection) -> ImportStore:
    return ImportStore(redis, ProfileStore(redis, ENVELOPES))


def profile(ref_id: RefId) -> Profile:
    return Profile(ref_id, f"Title of {ref_id[0]} é", SecretStr(f"CANARY-{ref_id}"))


def batch(people: int) -> Batch:
    refs = [RefId(f"{number:040x}") for number in range(people)]
    assignments = (UserMappings(UserId(f"U{number}"), (ref,)) for number, ref in enumerate(refs))
    return Batch(profiles=tuple(map(profile, refs)), people=tuple(assignments))


async def everything(redis: Redis) -> dict[str, str]:
    """Return all that is kept, but for the set of workspaces, which may name one that has nothing yet."""
    keys = sorted(str(key) for key in await redis.keys() if key != "connectbot:teams")
    read: dict[str, Callable[[str], Awaitable[Any]]] = {
        "string": redis.get,
        "stream": redis.xrange,
        "hash": redis.hgetall,
        "zset": lambda key: redis.zrange(key, 0, -1),
    }
    return {key: str(await read[str(await redis.type(key))](key)) for key in keys}


async def trail(redis: Connection) -> list[tuple[str, str | None, str | None, str]]:
    rows = await AuditStore(redis).page(TEAM, after="0")
    assert all(row.by == "test" for _, row in rows)
    return [(row.action, row.owner, row.ref_id, row.detail) for _, row in rows]


async def test_profiles_people_and_the_trail_change_together(redis: Connection) -> None:
    people = (UserMappings(BEN, (A, B)), UserMappings(CARA, (A, B), default=B))
    await store(redis).apply(TEAM, Batch(profiles=(profile(A), profile(B)), people=people), by="test")
    assert await MappingStore(redis).all(TEAM) == (
        ProfileMapping(TEAM, BEN, A, default=True),
        ProfileMapping(TEAM, BEN, B, default=False),
        ProfileMapping(TEAM, CARA, B, default=True),
        ProfileMapping(TEAM, CARA, A, default=False),
    )
    assert await ProfileStore(redis, ENVELOPES).get(TEAM, A, B) == (profile(A), profile(B))
    assert await MappingStore(redis).teams() == (TEAM,)
    assert await trail(redis) == [
        ("mapping_added", BEN, A, "default"),
        ("mapping_added", BEN, B, ""),
        ("mapping_added", CARA, A, ""),
        ("mapping_added", CARA, B, "default"),
    ]
    assert "CANARY" not in str(await everything(redis.redis))


async def test_doing_it_twice_changes_nothing_more(redis: Connection) -> None:
    people = (UserMappings(BEN, (A, B), default=B),)
    await store(redis).apply(TEAM, Batch(people=people), by="test")
    before = await everything(redis.redis)
    await store(redis).apply(TEAM, Batch(people=people), by="test")
    assert await everything(redis.redis) == before


async def test_what_others_added_meanwhile_is_kept(redis: Connection) -> None:
    await MappingStore(redis).add(TEAM, BEN, C, by="test")
    await store(redis).apply(TEAM, Batch(people=(UserMappings(BEN, (A,)),)), by="test")
    assert [(m.ref_id, m.default) for m in await MappingStore(redis).of(TEAM, BEN)] == [(C, True), (A, False)]


async def test_a_changed_default_stands_in_the_trail(redis: Connection) -> None:
    await MappingStore(redis).add(TEAM, BEN, A, by="test")
    await MappingStore(redis).add(TEAM, BEN, B, by="test")
    await store(redis).apply(TEAM, Batch(people=(UserMappings(BEN, (B,), default=B),)), by="test")
    assert [(m.ref_id, m.default) for m in await MappingStore(redis).of(TEAM, BEN)] == [(B, True), (A, False)]
    assert (await trail(redis))[2:] == [("default_changed", BEN, B, "")]


async def test_a_replaced_profile_gives_way_wherever_it_is_mapped(redis: Connection) -> None:
    await ProfileStore(redis, ENVELOPES).save(TEAM, profile(A))
    for user, refs in {BEN: (A, C), CARA: (C, A, B)}.items():
        for ref in refs:
            await MappingStore(redis).add(TEAM, user, ref, by="test")
    await store(redis).apply(TEAM, Batch(profiles=(profile(B),), replaced={A: B}), by="test")
    assert [(m.user, m.ref_id, m.default) for m in await MappingStore(redis).all(TEAM)] == [
        (BEN, B, True),
        (BEN, C, False),
        (CARA, C, True),
        (CARA, B, False),
    ]
    assert await ProfileStore(redis, ENVELOPES).all_titles(TEAM) == {B: profile(B).title}
    assert sorted((await trail(redis))[5:]) == [("profile_replaced", user, B, A) for user in (BEN, CARA)]


async def test_an_empty_batch_does_not_even_name_the_workspace(redis: Connection) -> None:
    await store(redis).apply(TEAM, Batch(), by="test")
    assert await redis.redis.keys() == []


async def test_a_damaged_record_stops_it_before_anything_is_written(redis: Connection) -> None:
    await redis.redis.hset("connectbot:{T1}:mappings", "U70", "no JSON")
    before = await everything(redis.redis)
    with pytest.raises(StoreUnavailable):
        await store(redis).apply(TEAM, batch(100), by="test")
    assert await everything(redis.redis) == before


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999, 1.0])
async def test_a_line_that_breaks_anywhere_leaves_all_or_nothing(
    url: str, redis: Connection, tmp_path: Path, share: float
) -> None:
    """Cut once the given share of what a whole import sends has gone through."""
    whole, made = Cut(url, tmp_path / "whole"), batch(300)
    async with whole as line, connected(line) as far:
        await store(far).apply(TeamId("T2"), made, by="test")
    before = await everything(redis.redis)
    async with Cut(url, tmp_path / "cut", after=int(share * whole.passed)) as line, connected(line) as far:
        with contextlib.suppress(StoreUnavailable):
            await store(far).apply(TEAM, made, by="test")
    kept = await everything(redis.redis)
    mapped = await MappingStore(redis).all(TEAM)
    assert kept == before or (len(mapped), len(await ProfileStore(redis, ENVELOPES).readable(TEAM))) == (300, 300)
    assert len(await AuditStore(redis).page(TEAM, after="0")) == len(mapped)
    assert bool(mapped) == (share == 1)


class Cut:
    """A line to Redis that breaks for good once so many bytes went through it to the server."""

    def __init__(self, url: str, path: Path, *, after: int = 2**30) -> None:
        self.passed = 0
        self._target = url.removeprefix("unix://")
        self._path = path
        self._after = after
        self._lines: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_unix_server(self._connected, self._path)
        return f"unix://{self._path}"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._target)
        back = asyncio.create_task(self._copy(far_reader, writer))
        self._lines |= {back, asyncio.create_task(self._forward(reader, far_writer, writer))}

    async def _forward(
        self, reader: asyncio.StreamReader, far: asyncio.StreamWriter, near: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(1024):
            allowed = data[: max(0, self._after - self.passed)]
            self.passed += len(data)
            far.write(allowed)
            await far.drain()
            if len(allowed) < len(data):
                break
        far.close()
        near.transport.abort()

    @staticmethod
    async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
