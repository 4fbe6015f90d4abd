"""With `notify`, the person who has the profile reads in Slack what comes of a link that an app got."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import Bot
from bot.core.model import UserId
from bot.links_api.model import TELL_HOLDER
from sandbox.server import Sandbox
from tests.api.apps import App
from tests.clock import ManualClock
from tests.conftest import Map
from tests.mappings.removal_helpers import SESSION, page_of
from tests.redis_probe import TEAM, idle, jobs
from tests.users import Someone

BEN = "U0BEN0001"
BY_SESSION = pytest.mark.parametrize("overrides", [SESSION], ids=["session"])
Dm = Callable[[str], Someone]


@pytest.fixture
def clock() -> ManualClock:
    """It is noon where Ben is."""
    return ManualClock(datetime.now(UTC).replace(hour=12, minute=0))


@BY_SESSION
async def test_the_receipt_follows_the_link(
    app: App, mapped: Map, dm: Dm, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    profile, ben = await mapped("ben", "Initech"), dm("ben")
    link = (await app.asks_for_link(user=BEN, notify=True)).body
    seen = await ben.sees("Bubble got a link to connect accounts")
    assert link["url"] not in str(seen)
    await idle(bot)
    assert await page_of(ben, link["url"]) == 200
    known = next(one for one in sandbox.ayrshare.profiles if one.ref_id == profile.ref_id)
    known.connect("tiktok", at=clock.now(), name="Initech")
    await clock.advance(timedelta(minutes=6))
    assert (await ben.sees("TikTok (Initech) connected, with Bubble's link")).ts == seen.ts


@BY_SESSION
async def test_it_says_that_nobody_opened_it(app: App, mapped: Map, dm: Dm, clock: ManualClock) -> None:
    await mapped("ben", "Acme: Jane")
    await app.asks_for_link(user=BEN, notify=True)
    await dm("ben").sees("Bubble got a link")
    await clock.advance(timedelta(minutes=6))
    await dm("ben").sees("Bubble's link has expired unopened")


async def test_a_link_by_jwt_tells_what_was_connected_too(
    app: App, mapped: Map, dm: Dm, sandbox: Sandbox, clock: ManualClock, bot: Bot
) -> None:
    profile = await mapped("ben", "Initech")
    await app.asks_for_link(user=BEN, notify=True)
    await dm("ben").sees("Bubble got a link")
    await idle(bot)
    known = next(one for one in sandbox.ayrshare.profiles if one.ref_id == profile.ref_id)
    known.connect("tiktok", at=clock.now(), name="Initech")
    await clock.advance(timedelta(minutes=6))
    await dm("ben").sees("TikTok (Initech) connected")


async def test_without_notify_nobody_is_told(app: App, mapped: Map, bot: Bot) -> None:
    await mapped("ben", "Acme: Jane")
    await app.asks_for_link(user=BEN)
    assert await jobs(bot, TELL_HOLDER) == []


async def test_who_muted_messages_gets_none(app: App, mapped: Map, bot: Bot, sandbox: Sandbox) -> None:
    await mapped("ben", "Acme: Jane")
    await bot.deps.preferences.mute(TEAM, UserId(BEN))
    await app.asks_for_link(user=BEN, notify=True)
    await idle(bot)
    assert sandbox.received("chat.postMessage") == []


async def test_at_night_it_waits_for_the_morning(
    app: App, mapped: Map, dm: Dm, clock: ManualClock, bot: Bot, sandbox: Sandbox
) -> None:
    await mapped("ben", "Acme: Jane")
    await clock.advance(timedelta(hours=11))
    await app.asks_for_link(user=BEN, notify=True)
    await idle(bot)
    assert sandbox.received("chat.postMessage") == []
    await clock.advance(timedelta(hours=9, minutes=1))
    await dm("ben").sees("Bubble's link has expired")
