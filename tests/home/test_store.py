"""A workspace's mappings and titles: sorted, without keys, and read again only where something changed."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.home.store import OverviewStore
from bot.people.audit import AuditRow, AuditStore
from bot.profiles.mapping_store import MappingStore
from bot.profiles.store import ProfileStore
from bot.storage.connection import Connection
from bot.storage.encryption_keys import new_key, parse_keys
from bot.storage.envelope import KeyRing
from tests.clock import ManualClock
from tests.redis_servers import embedded_redis

TEAM, BEN, CARA = TeamId("T1"), UserId("U1"), UserId("U2")
A, B, C = RefId("a" * 40), RefId("b" * 40), RefId("c" * 40)
KEY = SecretStr("KEY12345-KEY12345-KEY12345")
ENVELOPES = KeyRing(parse_keys(new_key()))


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Connection]:
    async with embedded_redis(tmp_path / "data") as redis:
        yield redis


async def test_there_is_an_entry_for_each_mapping_and_for_each_unmapped_profile(
    redis: Connection, clock: ManualClock
) -> None:
    profiles, mappings = ProfileStore(redis, ENVELOPES), MappingStore(redis)
    store = OverviewStore(redis, profiles, clock)
    for ref_id, title in ((A, "Zeta"), (B, "acme"), (C, "Beta")):
        await profiles.save(TEAM, Profile(ref_id, title, KEY))
    await mappings.add(TEAM, BEN, A, by="test")
    await mappings.add(TEAM, BEN, B, by="test")
    await mappings.add(TEAM, CARA, A, by="test")
    workspace = await store.read(TEAM)
    assert workspace.entries == [(" acme", BEN, B), (" beta", "", C), (" zeta", BEN, A), (" zeta", CARA, A)]
    assert workspace.titles == {A: "Zeta", B: "acme", C: "Beta"}
    assert (await store.read(TeamId("T2"))).entries == []


async def test_a_change_shows_at_once_and_without_one_nothing_is_read_again(
    redis: Connection, clock: ManualClock
) -> None:
    profiles, mappings = ProfileStore(redis, ENVELOPES), MappingStore(redis)
    store = OverviewStore(redis, profiles, clock)
    await profiles.save(TEAM, Profile(A, "Acme", KEY))
    await mappings.add(TEAM, BEN, A, by="test")
    first = await store.read(TEAM)
    assert await store.read(TEAM) is first
    await mappings.add(TEAM, CARA, A, by="test")
    assert (" acme", CARA, A) in (await store.read(TEAM)).entries
    await mappings.remove(TEAM, BEN, A, by="test")
    assert (" acme", BEN, A) not in (await store.read(TEAM)).entries
    await profiles.save(TEAM, Profile(B, "Beta", KEY))
    assert (" beta", "", B) in (await store.read(TEAM)).entries


async def test_after_any_changes_the_cache_equals_a_full_read(redis: Connection, clock: ManualClock) -> None:
    profiles, mappings = ProfileStore(redis, ENVELOPES), MappingStore(redis)
    store = OverviewStore(redis, profiles, clock)
    chance = random.Random(20)
    await profiles.save(TEAM, Profile(A, "Acme", KEY))
    for _ in range(60):
        user, ref_id, adds = chance.choice([BEN, CARA]), chance.choice([A, B, C]), chance.random() < 0.6
        if adds and chance.random() < 0.5:
            await profiles.save(TEAM, Profile(ref_id, chance.choice(["Beta", "acme", "Zeta"]), KEY))
        await (mappings.add if adds else mappings.remove)(TEAM, user, ref_id, by="test")
        if chance.random() < 0.2:
            await AuditStore(redis).add(TEAM, AuditRow("profile_replaced", by="test"))
        assert await store.read(TEAM) == await OverviewStore(redis, profiles, clock).read(TEAM)


async def test_an_irrelevant_audit_row_does_not_cause_a_read(redis: Connection, clock: ManualClock) -> None:
    profiles, mappings = ProfileStore(redis, ENVELOPES), MappingStore(redis)
    store = OverviewStore(redis, profiles, clock)
    await profiles.save(TEAM, Profile(A, "Acme", KEY))
    await mappings.add(TEAM, BEN, A, by="test")
    first = await store.read(TEAM)
    for _ in range(3):
        await AuditStore(redis).add(TEAM, AuditRow("link_made", by=BEN, owner=BEN, ref_id=A))
        assert await store.read(TEAM) is first
    await mappings.add(TEAM, BEN, B, by="test")
    await AuditStore(redis).add(TEAM, AuditRow("refused", by=CARA))
    assert len((await store.read(TEAM)).entries) == 2


async def test_another_title_shows_within_a_minute(redis: Connection, clock: ManualClock) -> None:
    profiles = ProfileStore(redis, ENVELOPES)
    store = OverviewStore(redis, profiles, clock)
    await profiles.save(TEAM, Profile(A, "Acme", KEY))
    await store.read(TEAM)
    await profiles.save(TEAM, Profile(A, "Acme: Jane", KEY))
    await clock.advance(timedelta(minutes=1))
    assert (await store.read(TEAM)).titles == {A: "Acme: Jane"}
