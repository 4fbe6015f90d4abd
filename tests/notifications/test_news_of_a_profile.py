"""News belongs to a profile: whoever has it when people are told hears of it, a successor too."""

from collections.abc import Callable

import pytest

from bot.app import Bot
from bot.core.model import RefId
from bot.slack.actions import DIGEST_LINK, SNOOZE
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.conftest import Map
from tests.invitations.invitation_helpers import Dm
from tests.mappings.mapping_helpers import ANA, form
from tests.modals import sees_modal
from tests.notifications.digest_helpers import (
    BEN,
    DAY,
    HOUR,
    JANE,
    LOST,
    digests,
    due,
    gathered,
    happens,
    pending,
    settled,
)
from tests.redis_probe import TEAM, idle
from tests.users import Someone
from tests.webhooks import SECRET

NIGHT = 9 * HOUR
"""From noon in UTC: 22:00 in Berlin."""
CARA = "U0CARA001"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON + NIGHT)


@pytest.fixture
async def ben(dm: Dm, mapped: Map, sandbox: Sandbox) -> Someone:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    sandbox.slack.world.user("cara").tz = "Europe/Berlin"
    await mapped("ben", JANE)
    return dm("ben")


async def handed_over(ana: Someone, *, to: str = "cara") -> None:
    await ana.types(f"handover @ben @{to}")
    await (await sees_modal(ana, "has one profile")).submits(to=to)
    await (await sees_modal(ana, "now, in place of")).closes()


async def to_the_morning(bot: Bot, clock: ManualClock) -> None:
    await idle(bot)
    for _ in range(11):
        await clock.advance(HOUR)
        await idle(bot)


async def test_a_successor_hears_in_the_morning_what_happened_before_the_handover(
    bot: Bot, ana: Someone, ben: Someone, dm: Dm, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "unlink", "instagram")
    await pending(bot, BEN, "instagram")
    await gathered(bot, clock, BEN)
    await handed_over(ana)
    await to_the_morning(bot, clock)
    told = await dm("cara").sees("Instagram", LOST)
    assert told.buttons == [DIGEST_LINK.label, SNOOZE.label]
    assert await digests(ben) == []
    await clock.advance(DAY)
    await idle(bot)
    assert [LOST in one.words for one in await digests(dm("cara"))] == [
        False,
        True,
    ]  # that they take over, and the news


async def test_who_takes_over_from_somebody_who_left_hears_days_later(
    bot: Bot, ana: Someone, ben: Someone, dm: Dm, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "unlink", "instagram")
    await pending(bot, BEN, "instagram")
    sandbox.slack.world.user("ben").deleted = True
    await to_the_morning(bot, clock)
    await settled(bot, BEN)
    await clock.advance(2 * DAY)
    await idle(bot)
    await handed_over(ana)
    await idle(bot)
    await gathered(bot, clock, BEN)
    await dm("cara").sees("Instagram", LOST)
    assert await digests(ben) == []


async def test_what_happened_while_nobody_had_the_profile_is_told_to_whom_it_is_mapped(
    bot: Bot, ana: Someone, ben: Someone, dm: Dm, sandbox: Sandbox, clock: ManualClock
) -> None:
    await bot.deps.mappings.remove(TEAM, BEN, RefId(sandbox.ayrshare.profiles[0].ref_id), by=ANA)
    await happens(sandbox, "unlink", "instagram")
    await clock.advance(11 * HOUR)
    modal = await form(ana, "known", "map @cara")
    await modal.submits(profile=JANE)
    await (await sees_modal(ana, "gets it")).submits()
    await sees_modal(ana, "I told them")
    await idle(bot)
    await gathered(bot, clock, BEN)
    await dm("cara").sees("Instagram", LOST)


async def test_news_that_its_people_were_told_is_not_told_to_who_joins_them(
    bot: Bot, ben: Someone, dm: Dm, mapped: Map, sandbox: Sandbox, clock: ManualClock
) -> None:
    await happens(sandbox, "unlink", "instagram")
    await pending(bot, BEN, "instagram")
    await to_the_morning(bot, clock)
    await ben.sees("Instagram", LOST)
    await settled(bot, BEN)
    await mapped("cara", JANE)
    assert await bot.deps.notifications.pending(TEAM, BEN) == ()
    await pending(bot, type(BEN)(CARA))
    assert await due(bot, BEN) is None


async def test_a_successor_of_somebody_who_muted_the_bot_hears(
    bot: Bot, ana: Someone, ben: Someone, dm: Callable[[str], Someone], sandbox: Sandbox, clock: ManualClock
) -> None:
    await bot.deps.preferences.mute(TEAM, BEN)
    await happens(sandbox, "unlink", "instagram")
    await to_the_morning(bot, clock)
    await settled(bot, BEN)
    await handed_over(ana)
    await idle(bot)
    await gathered(bot, clock, BEN)
    await dm("cara").sees("Instagram", LOST)
    assert await digests(ben) == []
