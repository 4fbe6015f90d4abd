"""Profiles are stored once a workspace with sealed keys; of their snapshots the newest counts."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account, Profile
from bot.core.model import RefId, TeamId
from bot.profiles.model import Disconnected, Snapshot
from bot.profiles.snapshot_store import SnapshotStore
from bot.profiles.store import ProfileStore
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
    assert await store.all_titles(TEAM) == {A: "Acme: Jane"}
    assert await store.titles(TEAM, RefId("d" * 40), A) == {A: "Acme: Jane"}
    assert await store.titles(TEAM) == {}
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
    await store.save(TEAM, RefId("disconnected"), Snapshot(NOON, (JANE, DUE)))
    await store.save(TEAM, RefId("disconnected"), Snapshot(NOON + MINUTE, (JANE,)))
    assert await store.health(TEAM) == {health: health for health in (*snapshots, "disconnected")}


async def test_an_account_that_the_next_snapshot_lacks_has_dropped_until_it_is_back(redis: Connection) -> None:
    store = SnapshotStore(redis)
    await store.save(TEAM, A, Snapshot(NOON, (JANE, DUE)))
    await store.save(TEAM, A, Snapshot(NOON + MINUTE, (DUE,)))
    await store.save(TEAM, A, Snapshot(NOON + 2 * MINUTE, stale=True))
    await store.save(TEAM, A, Snapshot(NOON + 3 * MINUTE, (DUE,)))
    dropped = Disconnected("instagram", "Jane | “Acme”", NOON + MINUTE)
    assert (await store.of(TEAM, A))[A].disconnected == (dropped,)
    assert await store.dropped(TEAM) == {A: (dropped,)}
    await store.save(TEAM, A, Snapshot(NOON + 4 * MINUTE, (JANE, DUE)))
    assert await store.dropped(TEAM) == {}
    assert await redis.redis.exists("connectbot:{T1}:disconnected") == 0


async def test_what_ayrshare_tells_of_it_keeps_the_first_moment_and_the_last_reason(redis: Connection) -> None:
    store = SnapshotStore(redis)
    await store.note_dropped(TEAM, A, Disconnected("instagram", "", NOON, "password changed"))
    await store.note_dropped(TEAM, A, Disconnected("instagram", "Jane", NOON + MINUTE, ""))
    assert await store.dropped(TEAM) == {A: (Disconnected("instagram", "Jane", NOON, "password changed"),)}


async def test_a_look_that_began_before_does_not_take_a_noted_drop_back(redis: Connection) -> None:
    store = SnapshotStore(redis)
    await store.save(TEAM, A, Snapshot(NOON, (JANE,)))
    await store.note_dropped(TEAM, A, Disconnected("instagram", "Jane", NOON + MINUTE / 2))
    await store.save(TEAM, A, Snapshot(NOON + MINUTE / 4, (JANE,)))
    assert list(await store.dropped(TEAM)) == [A]
    await store.save(TEAM, A, Snapshot(NOON + MINUTE, (JANE,)))
    assert await store.dropped(TEAM) == {}


async def test_a_hidden_one_stays_hidden_until_it_has_been_back(redis: Connection) -> None:
    store = SnapshotStore(redis)
    await store.save(TEAM, A, Snapshot(NOON, (JANE,)))
    assert await store.hide_dropped(TEAM, A, "instagram", at=NOON)
    assert not await store.hide_dropped(TEAM, A, "instagram", at=NOON)
    await store.save(TEAM, A, Snapshot(NOON + MINUTE))
    assert await store.dropped(TEAM) == {}
    await store.save(TEAM, A, Snapshot(NOON + 2 * MINUTE, (JANE,)))
    await store.save(TEAM, A, Snapshot(NOON + 3 * MINUTE))
    assert list(await store.dropped(TEAM)) == [A]


async def test_snapshots_are_permanent_under_the_workspaces_own_key(redis: Connection) -> None:
    await SnapshotStore(redis).save(TEAM, A, Snapshot(NOON, (JANE,)))
    assert await redis.redis.keys("*") == ["connectbot:{T1}:snapshots"]
    assert await redis.redis.ttl("connectbot:{T1}:snapshots") == -1
