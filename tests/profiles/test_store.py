"""Profiles are stored once a workspace with sealed keys; of their snapshots the newest counts."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, Profile
from bot.core.model import RefId, TeamId
from bot.profiles.model import Snapshot
from bot.profiles.store import ProfileStore, SnapshotStore
from bot.storage.connection import Connection
from bot.storage.encryption_keys import new_key, parse_keys
from bot.storage.envelope import KeyRing
from bot.storage.errors import UnreadableSecret

TEAM = TeamId("T1")
A, B, C = RefId("a" * 40), RefId("b" * 40), RefId("c" * 40)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
JANE = Account("instagram", "Jane | “Acme”")
DUE = Account("linkedin", None, NOON + timedelta(days=9), needs_attention=True)


async def test_a_profile_is_stored_once_a_workspace_with_its_key_sealed(redis: Connection) -> None:
    store = ProfileStore(redis, KeyRing(parse_keys(new_key())))
    profile = Profile(A, "Acme: Jane", SecretStr("CANARY-PROFILE-KEY"))
    await store.save(TEAM, profile)
    assert await store.get(TEAM, B, A) == (profile,)
    assert await store.get(TeamId("T2"), A) == ()
    assert await store.get(TEAM) == ()
    assert await store.titles(TEAM) == {A: "Acme: Jane"}
    assert "CANARY" not in str(await redis.redis.hgetall("connectbot:{T1}:profiles"))


async def test_a_profile_record_moved_to_another_profile_does_not_open(redis: Connection) -> None:
    store = ProfileStore(redis, KeyRing(parse_keys(new_key())))
    await store.save(TEAM, Profile(A, "Acme", SecretStr("CANARY-PROFILE-KEY")))
    moved = await redis.redis.hget("connectbot:{T1}:profiles", A)
    await redis.redis.hset("connectbot:{T1}:profiles", B, str(moved))
    with pytest.raises(UnreadableSecret):
        await store.get(TEAM, B)


async def test_a_snapshot_comes_back_as_it_was_saved(redis: Connection) -> None:
    store = SnapshotStore(redis)
    seen, stale = Snapshot(NOON, (JANE, DUE)), Snapshot(NOON, stale=True)
    await store.save(TEAM, A, seen)
    await store.save(TEAM, B, stale)
    assert await store.of(TEAM, A, C, B) == {A: seen, B: stale}
    assert await store.of(TEAM) == {}
    assert await store.of(TeamId("T2"), A) == {}


async def test_an_older_snapshot_that_is_saved_later_changes_nothing(redis: Connection) -> None:
    store = SnapshotStore(redis)
    newer = Snapshot(NOON + timedelta(microseconds=1), (JANE,))
    await store.save(TEAM, A, newer)
    await store.save(TEAM, A, Snapshot(NOON))
    assert await store.of(TEAM, A) == {A: newer}
    await store.save(TEAM, A, Snapshot(NOON + MINUTE, stale=True))
    assert (await store.of(TEAM, A))[A].stale


async def test_profiles_can_be_filtered_by_health(redis: Connection) -> None:
    store = SnapshotStore(redis)
    snapshots = {
        "in order": Snapshot(NOON, (JANE,)),
        "needs attention": Snapshot(NOON, (JANE, DUE)),
        "nothing linked": Snapshot(NOON),
        "stale": Snapshot(NOON, stale=True),
    }
    for health, snapshot in snapshots.items():
        await store.save(TEAM, RefId(health), snapshot)
    assert await store.health(TEAM) == {health: health for health in snapshots}


async def test_snapshots_are_permanent_under_the_workspaces_own_key(redis: Connection) -> None:
    await SnapshotStore(redis).save(TEAM, A, Snapshot(NOON, (JANE,)))
    assert await redis.redis.keys("*") == ["connectbot:{T1}:snapshots"]
    assert await redis.redis.ttl("connectbot:{T1}:snapshots") == -1
