"""An account that expires is told of 14, 7 and 2 days ahead, each once, whoever tells the bot."""

from datetime import datetime, timedelta

import pytest

from bot.app import Bot
from sandbox.ayrshare import Profile
from sandbox.ayrshare.social_accounts import SocialAccount
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.conftest import Map
from tests.invitations.invitation_helpers import Dm, posts
from tests.notifications.digest_helpers import BEN, DAY, JANE, gathered, happens, settled
from tests.notifications.sweep.sweep_helpers import nothing_is_due, sweep
from tests.redis_probe import TEAM
from tests.webhooks import SECRET

WARNING = "Reconnect LinkedIn (Jane Doe) by"


class GoingClock(ManualClock):
    """A clock that goes on a little whenever it is read, so that an answer comes after its question."""

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now


@pytest.fixture
def clock() -> ManualClock:
    return GoingClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET, "CONNECT_DIGEST": "off"}


@pytest.fixture
async def jane(mapped: Map, sandbox: Sandbox) -> Profile:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", JANE)
    return next(profile for profile in sandbox.ayrshare.profiles if profile.title == JANE)


def expires(jane: Profile, at: datetime) -> None:
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON - DAY, at)


async def days_of_warnings(bot: Bot, clock: ManualClock, sandbox: Sandbox, *, until: datetime) -> list[int]:
    """Run a sweep a day, and return how many days were left when something was told."""
    days, told = [], posts(sandbox)
    while clock.now() < until - DAY:
        await sweep(bot, clock)
        await settled(bot, BEN)
        await nothing_is_due(bot, clock)
        if posts(sandbox) > told:
            days.append(round((until - clock.now()) / DAY))
        told = posts(sandbox)
    return days


async def test_it_is_told_two_weeks_one_week_and_two_days_ahead(
    dm: Dm, jane: Profile, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    until = NOON + 15 * DAY
    expires(jane, until)
    assert await days_of_warnings(bot, clock, sandbox, until=until) == [14, 7, 2]
    told = await dm("ben").sees_times(3)
    assert all(WARNING in message.words for message in told)


async def test_linkedin_is_warned_of_before_its_sign_in_is_a_year_old(
    dm: Dm, jane: Profile, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON - 352 * DAY)  # Ayrshare counts no days
    await sweep(bot, clock)
    await settled(bot, BEN)
    assert "03 Dec 2026" in (await dm("ben").sees(WARNING)).words


async def test_a_warning_that_is_told_late_counts_as_the_one_of_that_day(
    dm: Dm, jane: Profile, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    until = NOON + 8 * DAY
    expires(jane, until)
    await bot.deps.preferences.snooze(TEAM, BEN, until - 2.2 * DAY)
    assert await days_of_warnings(bot, clock, sandbox, until=until - 2 * DAY) == []
    await clock.advance(until - 2.1 * DAY - clock.now())
    await settled(bot, BEN)
    await dm("ben").sees(WARNING)
    assert await days_of_warnings(bot, clock, sandbox, until=until) == []


async def test_what_ayrshare_announces_is_the_first_warning(
    dm: Dm, jane: Profile, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await happens(sandbox, "refresh", "linkedin", days=9)
    await gathered(bot, clock, BEN)
    assert posts(sandbox) == 1
    assert await days_of_warnings(bot, clock, sandbox, until=NOON + 9 * DAY) == [7, 2]


async def test_a_nearer_announcement_is_told_at_once(
    dm: Dm, jane: Profile, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    for days, times in ((15, 1), (14, 1), (6, 2), (6, 2), (1, 3)):
        await happens(sandbox, "refresh", "linkedin", days=days)
        await gathered(bot, clock, BEN)
        assert posts(sandbox) == times


async def test_an_account_that_was_signed_in_to_again_is_not_warned_of(
    jane: Profile, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    expires(jane, NOON + 4 * DAY)
    await sweep(bot, clock)
    await settled(bot, BEN)
    assert posts(sandbox) == 1
    expires(jane, NOON + 60 * DAY)
    assert await days_of_warnings(bot, clock, sandbox, until=NOON + 4 * DAY) == []
    ref_id = (await bot.deps.mappings.of(TEAM, BEN))[0].ref_id
    assert not (await bot.deps.notifications.known_accounts(TEAM, ref_id)).alerts
