"""What was last seen of a profile: the newest look counts, and all can be told apart by kind."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.ayrshare.model import Account
from bot.core.metrics import Metrics
from bot.core.model import RefId, TeamId
from bot.profiles.model import Snapshot
from bot.profiles.store import SnapshotStore
from bot.storage.connection import Connection, open_connection
from bot.storage.embedded import embedded_server

TEAM = TeamId("T1")
A, B, C = RefId("a" * 40), RefId("b" * 40), RefId("c" * 40)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
JANE = Account("instagram", "Jane | “Acme”")
DUE = Account("linkedin", None, NOON + timedelta(days=9), needs_attention=True)


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Connection]:
    async with embedded_server(tmp_path / "data", bot=True) as url:
        redis = open_connection(SecretStr(url), Metrics())
        yield redis
        await redis.redis.aclose()


async def test_what_is_kept_comes_back_as_it_was(redis: Connection) -> None:
    store = SnapshotStore(redis)
    seen, stale = Snapshot(NOON, (JANE, DUE)), Snapshot(NOON, stale=True)
    await store.save(TEAM, A, seen)
    await store.save(TEAM, B, stale)
    assert await store.of(TEAM, A, C, B) == {A: seen, B: stale}
    assert await store.of(TEAM) == {}
    assert await store.of(TeamId("T2"), A) == {}


async def test_an_older_look_that_ends_later_changes_nothing(redis: Connection) -> None:
    store = SnapshotStore(redis)
    newer = Snapshot(NOON + timedelta(microseconds=1), (JANE,))
    await store.save(TEAM, A, newer)
    await store.save(TEAM, A, Snapshot(NOON))
    assert await store.of(TEAM, A) == {A: newer}
    await store.save(TEAM, A, Snapshot(NOON + MINUTE, stale=True))
    assert (await store.of(TEAM, A))[A].stale


@pytest.mark.parametrize(
    ("snapshot", "kind"),
    [
        (Snapshot(NOON, (JANE,)), "in order"),
        (Snapshot(NOON, (JANE, DUE)), "needs attention"),
        (Snapshot(NOON), "nothing linked"),
        (Snapshot(NOON, stale=True), "stale"),
    ],
)
async def test_each_is_of_one_kind(redis: Connection, snapshot: Snapshot, kind: str) -> None:
    store = SnapshotStore(redis)
    await store.save(TEAM, A, snapshot)
    assert await store.health(TEAM) == {A: kind}


async def test_they_are_kept_for_good_under_the_workspaces_own_key(redis: Connection) -> None:
    await SnapshotStore(redis).save(TEAM, A, Snapshot(NOON, (JANE,)))
    assert await redis.redis.keys("*") == ["connectbot:{T1}:snapshots"]
    assert await redis.redis.ttl("connectbot:{T1}:snapshots") == -1
