"""The bot on a group under Sentinel: a failover in the middle of live cards loses nothing and mends by itself."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import Bot
from bot.slack.actions import OPEN_LINK
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.keys import RING
from tests.redis_probe import trail
from tests.redis_servers import Group, sentinel_group
from tests.users import OPENED

PROFILES = {"ben": "Acme: Jane", "cara": "Globex", "ana": "Initech"}
SERVING_WITHIN = 10
"""Seconds from the moment at which the new primary serves."""


@pytest.fixture
async def group(tmp_path: Path) -> AsyncIterator[Group]:
    async with sentinel_group(tmp_path / "redis") as group:
        yield group


@pytest.fixture
def overrides(group: Group) -> dict[str, str]:
    return {"REDIS_URL": group.url, "ENCRYPTION_KEYS": RING}


async def readiness(session: aiohttp.ClientSession, bot: Bot) -> tuple[int, str]:
    async with session.get(f"http://127.0.0.1:{bot.port}/readyz") as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("how", ["dies", "hangs"])
async def test_after_a_failover_commands_work_and_each_card_reaches_its_end(
    bot: Bot, group: Group, person: Person, mapped: Map, clock: ManualClock, session: aiohttp.ClientSession, how: str
) -> None:
    people = [person(name) for name in PROFILES]
    for one in people:
        await mapped(one.name, PROFILES[one.name])
        await one.types()
        await one.sees_a_card(PROFILES[one.name])
    ben = people[0]
    await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
    await ben.sees(OPENED)
    assert await readiness(session, bot) == (200, "ok\n")
    kept = await trail(bot)
    await group.replicated()

    await group.primary.kill() if how == "dies" else group.primary.freeze()
    try:
        status, words = await readiness(session, bot)
        assert status == 503
        assert "Redis takes no writes" in words
        await ben.types("status")
        await ben.sees("I can't reach my database")
        await group.promoted()
        serves_since = time.monotonic()

        async def is_ready() -> bool:
            return (await readiness(session, bot))[0] == 200

        await eventually(is_ready, "the bot is ready", within=SERVING_WITHIN)
        await ben.types("status")
        await ben.sees("*Acme: Jane*", within=SERVING_WITHIN)
        assert (await trail(bot))[: len(kept)] == kept
        await clock.advance(timedelta(minutes=5))
        for one in people:
            await one.sees("expired at", within=SERVING_WITHIN)
        assert time.monotonic() - serves_since < SERVING_WITHIN
    finally:
        if how == "hangs":
            group.primary.thaw()
