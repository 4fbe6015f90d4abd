"""The daily sweep: its findings go to the profiles' people, and what only admins can fix to the admins."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.app import Bot
from bot.notifications.model import PEOPLE_A_DAY, RATE_LIMIT_WINDOW
from bot.notifications.sweep.run import SWEEP, plan_first
from bot.slack.actions import DIGEST_LINK, SNOOZE
from bot.storage.connection import moment_ms
from sandbox.ayrshare import Profile
from sandbox.ayrshare.social_accounts import SocialAccount
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.clock import NOON, ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.home.home_helpers import asked, fill
from tests.invitations.invitation_helpers import Dm, posts
from tests.notifications.digest_helpers import (
    ACME,
    BEN,
    DAY,
    EVE,
    GLOBEX,
    HOUR,
    INITECH,
    JANE,
    LOST,
    happens,
    settled,
)
from tests.notifications.sweep.sweep_helpers import asked_at, asked_times, nothing_is_due, posted, sweep, sweep_due
from tests.redis_probe import TEAM
from tests.webhooks import SECRET

SUSPENDED = "deleted or suspended, or ha"
ProfileOf = Callable[[str], Profile]


@pytest.fixture
def profile_of(sandbox: Sandbox) -> ProfileOf:
    return lambda title: next(one for one in sandbox.ayrshare.profiles if one.title == title)


async def test_an_account_that_expires_within_two_weeks_is_told(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", JANE)
    await sweep(bot, clock)
    told = await dm("ben").sees(JANE, "LinkedIn", DIGEST_LINK.label)
    assert "Instagram" not in told.words
    assert (told.buttons, told.url) == ([DIGEST_LINK.label, SNOOZE.label], None)


@pytest.mark.parametrize("overrides", [{"CONNECT_DIGEST": "off"}])
async def test_an_account_gone_since_the_last_sweep_is_told_once_until_it_was_back(
    dm: Dm,
    mapped: Map,
    bot: Bot,
    clock: ManualClock,
    sandbox: Sandbox,
    profile_of: ProfileOf,
    overrides: dict[str, str],
) -> None:
    await mapped("ben", GLOBEX)
    await sweep(bot, clock)
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 0
    for before in (0, 2):
        youtube = profile_of(GLOBEX).accounts.pop("youtube")
        await sweep(bot, clock)
        assert LOST in (await dm("ben").sees_times(before + 1))[-1].words
        await dm("ben").sees(GLOBEX, "YouTube")
        await sweep(bot, clock)
        await nothing_is_due(bot, clock)
        assert posts(sandbox) == before + 1
        profile_of(GLOBEX).accounts["youtube"] = youtube
        await sweep(bot, clock)
        await nothing_is_due(bot, clock)
        assert "is back" in (await dm("ben").sees_times(before + 2))[-1].words


@pytest.mark.parametrize("first", ["webhook", "sweep"])
async def test_webhook_and_sweep_do_not_tell_the_same_twice(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox, profile_of: ProfileOf, first: str
) -> None:
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    await mapped("ben", GLOBEX)
    await sweep(bot, clock)
    youtube = profile_of(GLOBEX).accounts["youtube"]
    if first == "sweep":
        del profile_of(GLOBEX).accounts["youtube"]
        await sweep(bot, clock)
        await dm("ben").sees("YouTube", LOST)
        profile_of(GLOBEX).accounts["youtube"] = youtube
    await happens(sandbox, "unlink", "youtube", GLOBEX)
    await clock.advance(timedelta(minutes=1))
    await dm("ben").sees("YouTube", LOST)
    await sweep(bot, clock)
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 1


async def test_stale_profiles_are_told_to_admins_once_and_marked(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox, profile_of: ProfileOf
) -> None:
    globex, initech, acme = [await mapped("ben", title) for title in (GLOBEX, INITECH, ACME)]
    profile_of(ACME).accounts.clear()
    profile_of(GLOBEX).suspended = True
    sandbox.ayrshare.profiles.remove(profile_of(INITECH))
    await sweep(bot, clock)
    told = await dm("ana").sees(SUSPENDED, GLOBEX, INITECH)
    assert ACME not in told.words
    seen = await bot.deps.snapshots.of(TEAM, globex.ref_id, initech.ref_id, acme.ref_id)
    assert {ref_id for ref_id, one in seen.items() if one.stale} == {globex.ref_id, initech.ref_id}
    await sweep(bot, clock)
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 1
    assert not await dm("ben").messages()


async def test_a_profile_that_ayrshare_does_not_find_is_stale_too(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    jane = await mapped("ben", JANE)
    sandbox.ayrshare.faults.add("not_found", times=None)
    await sweep(bot, clock)
    await dm("ana").sees(SUSPENDED, JANE)
    assert (await bot.deps.snapshots.of(TEAM, jane.ref_id))[jane.ref_id].stale
    await sweep(bot, clock)
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 1
    assert not await dm("ben").messages()


async def test_a_rejected_api_key_ends_the_sweep_is_told_to_admins_and_marks_no_profile(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    profiles = [await mapped("ben", title) for title in (JANE, GLOBEX, INITECH)]
    sandbox.ayrshare.faults.add("bad_api_key", times=None)
    await sweep(bot, clock)
    assert "Tell whoever runs this bot." in (await dm("ana").sees("API key")).words
    assert asked(sandbox) == 1
    assert not await bot.deps.snapshots.of(TEAM, *(profile.ref_id for profile in profiles))
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 1


async def test_calls_are_made_one_after_another_with_pauses(
    mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    for title in (JANE, ACME, GLOBEX, INITECH):
        await mapped("ben", title)
    await sweep(bot, clock)
    moments = asked_at(sandbox)
    assert len(moments) == 4
    apart = timedelta(minutes=5) / 240  # of the 300 calls that Ayrshare takes, some are for what people ask
    assert all(later - earlier >= apart for earlier, later in pairwise(moments))


async def test_after_a_rate_limit_the_sweep_waits_out_the_window_and_skips_no_profile(
    mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    profiles = [await mapped("ben", title) for title in (JANE, ACME, GLOBEX)]
    sandbox.ayrshare.faults.add("rate_limited", times=1)
    await bot.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())
    await asked_times(sandbox, 1)

    async def waits() -> bool:
        return await sweep_due(bot) == moment_ms(clock.now() + RATE_LIMIT_WINDOW)

    await eventually(waits, "the sweep waits")
    await clock.advance(RATE_LIMIT_WINDOW)
    await sweep(bot, clock)
    assert len(await bot.deps.snapshots.of(TEAM, *(profile.ref_id for profile in profiles))) == 3
    assert asked(sandbox) == 4


async def test_at_most_fifty_people_get_a_digest_a_day(bot: Bot, clock: ManualClock, sandbox: Sandbox) -> None:
    people = [member.id for member in add_members(sandbox.slack.world, PEOPLE_A_DAY + 3)]
    for member in people:
        sandbox.slack.world.users[member].tz = "Europe/Berlin"
    sandbox.slack.rate_limits = False
    await fill(bot, sandbox, {member: [JANE] for member in people})
    await sweep(bot, clock)
    await posted(sandbox, 50)
    await nothing_is_due(bot, clock)
    assert posts(sandbox) == 50
    await clock.advance(DAY)
    await posted(sandbox, 53)
    told = [call for call in sandbox.slack.calls.since() if call["call"] == "chat.postMessage"]
    assert len({str(call["args"]["channel"]) for call in told}) == 53


async def test_what_a_sweep_finds_by_night_is_told_in_the_morning_but_not_to_muted_people(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox, profile_of: ProfileOf
) -> None:
    for name in ("ben", "eve"):
        await mapped(name, JANE)
    await bot.deps.preferences.mute(TEAM, EVE)
    profile_of(JANE).accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON, NOON + 5 * DAY)
    await clock.advance(10 * HOUR)
    await sweep(bot, clock)
    for user in (BEN, EVE):
        await settled(bot, user)
    assert posts(sandbox) == 0
    await clock.advance(datetime(2026, 11, 21, 7, tzinfo=UTC) - clock.now())
    await dm("ben").sees("Reconnect LinkedIn (Jane Doe) by")
    await settled(bot, EVE)
    assert posts(sandbox) == 1


async def test_a_sweep_whose_job_was_lost_is_planned_again_for_its_moment(
    mapped: Map, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", JANE)
    await sweep(bot, clock)
    kept = await bot.deps.sweeps.get(TEAM)
    assert kept is not None
    await bot.deps.scheduler.cancel(TEAM, SWEEP)
    for _ in range(2):
        await plan_first(bot.deps, await bot.deps.mappings.teams())
        assert await sweep_due(bot) == moment_ms(kept.next_at)
        assert await bot.deps.sweeps.get(TEAM) == kept
    await bot.deps.scheduler.plan(TEAM, SWEEP, at=clock.now() + HOUR)
    await plan_first(bot.deps, await bot.deps.mappings.teams())
    assert await sweep_due(bot) == moment_ms(clock.now() + HOUR)
