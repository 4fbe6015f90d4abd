"""A card in a direct message: what the click can't draw is drawn by `chat.update`, as often as Slack takes it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.app import Bot
from bot.cards.model import END_DM_CARD, REFRESH_DM_CARD
from bot.scheduling.queue import PAUSES
from bot.slack.actions import CANCEL_LINK, NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.redis_probe import TEAM, idle, jobs, redis_of
from tests.time_travel import nothing_is_drawn, planned
from tests.users import OPENED, Seen, Someone

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def clock() -> ManualClock:
    """A jwt's moments are whole seconds, and so are these."""
    return ManualClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
async def dm(person: Person, mapped: Map, sandbox: Sandbox, bot: Bot) -> Someone:
    """A person with a card in their direct message: Slack didn't show the first one where it was asked for."""
    await mapped("ben", "Acme: Jane")
    sandbox.slack.faults.add("response_url_expired")
    await person("ben").types()
    dm = person("ben", channel=sandbox.slack.world.dm_of("ben"))
    await dm.clicks(await dm.sees("Slack didn't let me show your link"), NEW_LINK.label)
    await dm.sees_a_card()
    await nothing_is_drawn(bot)
    return dm


def updates(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [call for call in sandbox.slack.calls.since() if call["call"] == "chat.update"]


async def at_its_end(dm: Someone) -> Seen:
    return await dm.sees("expired at")


async def test_it_counts_down_each_minute_and_thirty_seconds_before_the_end(
    dm: Someone, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    for left in ("4 min", "3 min", "2 min", "1 min"):
        await clock.advance(MINUTE)
        await dm.sees(f"*{left} left*")
        await idle(bot)  # a clock that moves further than a lease takes the job from its worker
    await clock.advance(30 * SECOND)
    await dm.sees("under 30 s left")
    await idle(bot)
    await clock.advance(30 * SECOND)
    assert (await at_its_end(dm)).buttons == [NEW_LINK.label]
    assert len(await dm.messages()) == 1
    assert len(updates(sandbox)) == 6


async def test_a_click_is_answered_at_once_and_takes_nothing_of_the_updates(
    dm: Someone, sandbox: Sandbox, bot: Bot
) -> None:
    await dm.clicks(await dm.sees_a_card(), OPEN_LINK.label)
    await dm.sees(OPENED)
    await nothing_is_drawn(bot)
    await dm.clicks(await dm.sees_a_card(), CANCEL_LINK.label)
    await dm.sees("cancelled")
    assert updates(sandbox) == []


async def test_after_the_end_a_fresh_link_takes_its_place(dm: Someone, clock: ManualClock) -> None:
    await clock.advance(5 * MINUTE)
    ended = await at_its_end(dm)
    await dm.clicks(ended, NEW_LINK.label)
    fresh = await dm.sees_a_card()
    assert fresh.ts == ended.ts
    await clock.advance(5 * MINUTE)
    await at_its_end(dm)


async def test_while_slack_wants_no_updates_the_end_waits_and_comes_then(
    dm: Someone, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    sandbox.slack.faults.add("ratelimited", ms=20_000, method="chat.update")
    await clock.advance(5 * MINUTE)

    async def refused() -> bool:
        return len(updates(sandbox)) == 1

    await eventually(refused, "the end was refused")
    await planned(bot, END_DM_CARD, at=clock.now() + 20 * SECOND)
    await clock.advance(20 * SECOND)
    await at_its_end(dm)
    first, second = updates(sandbox)
    waited = datetime.fromisoformat(second["at"]) - datetime.fromisoformat(first["at"])
    assert waited >= 20 * SECOND


async def test_an_end_that_fails_for_no_known_reason_is_tried_again_after_growing_pauses(
    dm: Someone, clock: ManualClock, bot: Bot
) -> None:
    async with damaged_card(bot):
        await clock.advance(5 * MINUTE)
        for pause in PAUSES[:3]:
            await planned(bot, END_DM_CARD, at=clock.now() + pause)
            await idle(bot)
            await clock.advance(pause)
        await planned(bot, END_DM_CARD, at=clock.now() + PAUSES[3])
    await clock.advance(PAUSES[3])
    await at_its_end(dm)


@asynccontextmanager
async def damaged_card(bot: Bot) -> AsyncIterator[None]:
    """Make the live card's record unreadable until the context is left."""
    redis = redis_of(bot)
    cards = [key async for key in redis.scan_iter("connectbot:{T0CONNECT}:link_card:*")]
    (key,) = [key for key in cards if '"ready"' in await redis.hget(key, "card")]
    whole = await redis.hget(key, "card")
    await redis.hset(key, "card", "{")
    yield
    await redis.hset(key, "card", whole)


async def test_a_message_that_is_gone_is_left_alone(
    dm: Someone, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    channel = sandbox.slack.world.channels[dm.channel]
    channel.messages.clear()
    await clock.advance(MINUTE)

    async def tried() -> bool:
        return len(updates(sandbox)) == 1

    await eventually(tried, "the tick was refused")

    async def left() -> bool:
        return not await jobs(bot, REFRESH_DM_CARD)

    await eventually(left, "it is redrawn no more")
    await clock.advance(4 * MINUTE)

    async def ended() -> bool:
        return not await jobs(bot, END_DM_CARD)

    await eventually(ended, "it ends unseen")
    assert len(updates(sandbox)) == 1


async def test_an_end_that_is_due_too_early_comes_at_the_deadline(dm: Someone, clock: ManualClock, bot: Bot) -> None:
    [end] = await jobs(bot, END_DM_CARD)
    deadline = clock.now() + 5 * MINUTE
    await bot.deps.scheduler.plan(TEAM, end, at=clock.now())  # as after a clock that was an hour ahead
    await planned(bot, END_DM_CARD, at=deadline)
    await clock.advance(5 * MINUTE)
    await at_its_end(dm)
