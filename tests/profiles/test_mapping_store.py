"""Who is responsible for which profile: one default each, nothing lost when two admins write at once."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId, UserId
from bot.people.audit import AuditStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.model import ProfileMapping
from bot.storage.connection import Connection, open_connection
from bot.storage.errors import StoreUnavailable
from bot.storage.idempotency import IdempotencyKeys

TEAM, BEN, CARA = TeamId("T1"), UserId("U1"), UserId("U2")
A, B, C = RefId("a" * 40), RefId("b" * 40), RefId("c" * 40)


async def test_the_first_profile_of_a_person_is_their_default(redis: Connection) -> None:
    store = MappingStore(redis)
    assert await store.add(TEAM, BEN, A, by="test")
    assert await store.add(TEAM, BEN, B, by="test")
    assert await store.of(TEAM, BEN) == (
        ProfileMapping(TEAM, BEN, A, default=True),
        ProfileMapping(TEAM, BEN, B, default=False),
    )


async def test_the_default_can_be_moved_and_comes_first(redis: Connection) -> None:
    store = MappingStore(redis)
    await store.add(TEAM, BEN, A, by="test")
    await store.add(TEAM, BEN, B, default=True, by="test")
    assert [(m.ref_id, m.default) for m in await store.of(TEAM, BEN)] == [(B, True), (A, False)]


async def test_adding_a_profile_twice_changes_nothing(redis: Connection) -> None:
    store = MappingStore(redis)
    assert await store.add(TEAM, BEN, A, by="test")
    assert not await store.add(TEAM, BEN, A, by="test")
    assert len(await store.of(TEAM, BEN)) == 1


async def test_removing_the_default_makes_another_one_the_default(redis: Connection) -> None:
    store = MappingStore(redis)
    for ref in (A, B, C):
        await store.add(TEAM, BEN, ref, by="test")
    assert await store.remove(TEAM, BEN, A, by="test")
    assert [(m.ref_id, m.default) for m in await store.of(TEAM, BEN)] == [(B, True), (C, False)]
    assert not await store.remove(TEAM, BEN, A, by="test")


async def test_removing_the_last_profile_leaves_nothing_of_the_person(redis: Connection) -> None:
    store = MappingStore(redis)
    await store.add(TEAM, BEN, A, by="test")
    assert await store.remove(TEAM, BEN, A, by="test")
    assert not await store.remove(TEAM, BEN, A, by="test")
    assert await store.of(TEAM, BEN) == ()
    assert await store.all(TEAM) == ()


async def test_all_mappings_of_a_workspace_are_listed(redis: Connection) -> None:
    store = MappingStore(redis)
    await store.add(TEAM, CARA, A, by="test")
    await store.add(TEAM, BEN, A, by="test")
    await store.add(TeamId("T2"), BEN, B, by="test")
    assert [(m.user, m.ref_id) for m in await store.all(TEAM)] == [(BEN, A), (CARA, A)]
    assert await store.teams() == ("T1", "T2")


async def test_writers_at_once_lose_nothing(redis: Connection) -> None:
    store = MappingStore(redis)
    refs = [RefId(f"{number:040x}") for number in range(50)]
    await asyncio.gather(*(store.add(TEAM, BEN, ref, default=True, by="test") for ref in refs))
    kept = await store.of(TEAM, BEN)
    assert {m.ref_id for m in kept} == set(refs)
    assert sum(m.default for m in kept) == 1


async def test_handing_over_moves_profiles_and_the_default_with_them(redis: Connection) -> None:
    store = MappingStore(redis)
    for ref in (A, B, C):
        await store.add(TEAM, BEN, ref, by="test", default=ref == B)
    assert await store.take(TEAM, BEN, [A, B], to=CARA, by="ana") == (A, B)
    assert await store.of(TEAM, BEN) == (ProfileMapping(TEAM, BEN, C, default=True),)
    assert await store.of(TEAM, CARA) == (
        ProfileMapping(TEAM, CARA, B, default=True),
        ProfileMapping(TEAM, CARA, A, default=False),
    )


async def test_the_new_person_keeps_their_profiles_and_their_default(redis: Connection) -> None:
    store = MappingStore(redis)
    for user, ref in ((BEN, A), (BEN, B), (CARA, B), (CARA, C)):
        await store.add(TEAM, user, ref, by="test")
    assert await store.take(TEAM, BEN, [A, B], to=CARA, by="ana") == (A, B)
    assert await store.of(TEAM, BEN) == ()
    assert [(m.ref_id, m.default) for m in await store.of(TEAM, CARA)] == [(B, True), (C, False), (A, False)]


async def test_handing_over_a_profile_of_another_person_changes_nothing(redis: Connection) -> None:
    store = MappingStore(redis)
    await store.add(TEAM, BEN, A, by="test")
    assert await store.take(TEAM, BEN, [B], to=CARA, by="ana") == ()
    assert await store.take(TEAM, CARA, [A], to=BEN, by="ana") == ()
    assert [m.user for m in await store.all(TEAM)] == [BEN]


async def test_handovers_at_once_lose_and_duplicate_nothing(redis: Connection) -> None:
    store = MappingStore(redis)
    refs = [RefId(f"{number:040x}") for number in range(50)]
    for ref in refs:
        await store.add(TEAM, BEN, ref, by="test")
    heirs = [UserId(f"U9{number}") for number in range(10)]
    moved = await asyncio.gather(*(store.take(TEAM, BEN, refs, to=heir, by="ana") for heir in heirs))
    assert sorted(map(len, moved)) == [0] * 9 + [50]
    assert sorted(m.ref_id for m in await store.all(TEAM)) == refs
    assert sum(m.default for m in await store.all(TEAM)) == 1


async def test_each_profile_handed_over_is_in_the_audit_log_for_both_people(redis: Connection) -> None:
    store = MappingStore(redis)
    await store.add(TEAM, BEN, A, by="test")
    await store.take(TEAM, BEN, [A], to=CARA, by="ana")
    rows = await AuditStore(redis).latest(TEAM, 2)
    assert [(row.action, row.by, row.owner, row.ref_id, row.detail) for row in rows] == [
        ("mapping_added", "ana", CARA, A, f"from {BEN}"),
        ("mapping_removed", "ana", BEN, A, f"to {CARA}"),
    ]


async def test_an_unreachable_redis_is_a_failure_of_ours(tmp_path: Path) -> None:
    redis = open_connection(SecretStr(f"unix://{tmp_path}/nobody.sock"), Metrics())
    with pytest.raises(StoreUnavailable):
        await MappingStore(redis).of(TEAM, BEN)
    with pytest.raises(StoreUnavailable):
        await IdempotencyKeys(redis).release(TEAM, "x")
    assert await redis.trouble() == "Redis takes no writes: FileNotFoundError."
    await redis.redis.aclose()


async def test_more_callers_than_connections_wait_in_place_of_failing(redis: Connection) -> None:
    store = MappingStore(redis)
    await store.add(TEAM, BEN, A, by="test")
    found = await asyncio.gather(*(store.of(TEAM, BEN) for _ in range(500)))
    assert len(found) == 500
    assert all(len(mappings) == 1 for mappings in found)
