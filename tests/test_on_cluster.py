"""The bot on a Cluster: a whole conversation, with the keys of jobs, workspaces and deliveries on three nodes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import Bot
from bot.profiles.mapping_store import TEAMS
from bot.profiles.model import REDRAW_VIEWS, REDRAWN_AFTER
from bot.profiles.snapshot_store import snapshots_key
from bot.scheduling.due_workspaces import DUE
from bot.scheduling.job import ALL_WORKSPACES
from bot.scheduling.queue import queue_key
from bot.slack.actions import GET_LINK, NEW_LINK, OPEN_LINK, RECONNECT
from bot.storage.damage import MARK
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.invitations.invitation_helpers import Dm, invited
from tests.keys import RING
from tests.redis_probe import TEAM, idle, jobs, redis_of, trail
from tests.redis_servers import ClusterOfThree, cluster_of_three
from tests.users import OPENED, Someone


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[ClusterOfThree]:
    async with cluster_of_three(tmp_path / "redis", replicas=3) as cluster:
        yield cluster


@pytest.fixture
def overrides(cluster: ClusterOfThree) -> dict[str, str]:
    return {"REDIS_URL": cluster.url, "ENCRYPTION_KEYS": RING}


async def test_a_link_is_made_counted_down_and_renewed(ben: Someone, mapped: Map, bot: Bot, clock: ManualClock) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.clicks(await ben.sees_a_card("Acme: Jane"), OPEN_LINK.label)
    await ben.sees(OPENED)
    await clock.advance_seconds(300)
    dead = await ben.sees("expired at")
    await ben.clicks(dead, NEW_LINK.label)
    await ben.sees_a_card("Acme: Jane")
    await idle(bot)
    assert len(await trail(bot, "link_made")) == 2


async def test_what_follows_a_new_card_is_done_at_once(ben: Someone, mapped: Map, bot: Bot, clock: ManualClock) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    await ben.sees(OPENED)
    await idle(bot)
    await ben.types()
    await ben.sees_times(2)
    await clock.advance(REDRAWN_AFTER)
    await ben.sees("has replaced this one")
    await idle(bot)
    assert await jobs(bot, REDRAW_VIEWS) == []


async def test_a_colleague_is_invited_and_gets_a_link_that_ends(
    person: Person, dm: Dm, mapped: Map, clock: ManualClock, bot: Bot
) -> None:
    await mapped("ben", "Acme: Jane")
    asked = await invited(person("cara"), dm("ben"), "Instagram fell off")
    await dm("ben").clicks(asked, GET_LINK.action_id)
    await dm("ben").sees_a_card("Acme: Jane")
    await clock.advance_seconds(300)
    await dm("ben").sees("expired at")
    await idle(bot)


async def test_what_an_admin_sees_is_read_from_all_nodes(ana: Someone, mapped: Map) -> None:
    await mapped("ben", "Acme: Jane")
    await mapped("cara", "Globex")
    await ana.types("list")
    await ana.sees("Acme: Jane", "Globex")


async def test_damaged_keys_are_set_aside_in_the_slot_where_they_are(ben: Someone, mapped: Map, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await idle(bot)
    redis, damaged = redis_of(bot), (TEAMS, DUE, snapshots_key(TEAM))
    for key in damaged:
        await redis.delete(key)
        await redis.set(key, "not this", px=10**9)
    await ben.types()
    await ben.sees_a_card("Acme: Jane")
    await eventually(lambda: redis.zscore(DUE, ALL_WORKSPACES), "the hourly work is looked for again")
    assert await bot.deps.mappings.teams() == (TEAM,)
    found = [str(key) async for key in redis.scan_iter(match=f"*{MARK}*", count=1000)]
    assert sorted(key.partition(MARK)[0].strip("{}") for key in found) == sorted(damaged)


async def test_the_loss_of_the_node_that_has_the_workspace_ends_when_its_replica_serves(
    ben: Someone, mapped: Map, bot: Bot, clock: ManualClock, cluster: ClusterOfThree
) -> None:
    await mapped("ben", "Acme: Jane")
    await ben.types()
    await ben.clicks(await ben.sees_a_card("Acme: Jane"), OPEN_LINK.label)
    await ben.sees(OPENED)
    await idle(bot)
    lost = await cluster.primary_of(queue_key(TEAM))
    await lost.client.wait(1, 1000)
    await lost.kill()

    async def answers() -> bool:
        await ben.types("status")
        return any(RECONNECT.label in seen.buttons for seen in await ben.messages())

    await eventually(answers, "a command works again", within=20)
    await clock.advance_seconds(300)
    await ben.sees("expired at", within=10)
