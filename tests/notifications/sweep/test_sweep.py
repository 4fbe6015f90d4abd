"""The daily look at all profiles: what it finds goes to their people, and what only admins can mend to the admins."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import aiohttp
import pytest

from bot.app import Bot, running_bot
from bot.notifications.sweep.run import SWEEP
from bot.scheduling.queue import queue_key
from bot.settings import Settings
from bot.slack.actions import NEWS_LINK
from bot.storage.connection import moment_ms
from sandbox.ayrshare import Profile
from sandbox.server import Sandbox
from sandbox.slack.members import add_members
from tests.clock import ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.home.home_helpers import asked, fill
from tests.invitations.invitation_helpers import Dm, posts
from tests.redis_probe import TEAM, redis_of
from tests.time_travel import QUICK, woken
from tests.webhooks import SECRET, Teller

DAY, GATHERED = timedelta(days=1), timedelta(minutes=1, seconds=1)
FELL_OFF = "fell off"
SUSPENDED = "deleted or suspended"
OUTCOMES = ("ok", "bad_api_key")


@pytest.fixture
def clock() -> ManualClock:
    """Midday where most people of the local workspace are."""
    return ManualClock(datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0))


@pytest.fixture
def profile_of(sandbox: Sandbox) -> Callable[[str], Profile]:
    return lambda title: next(one for one in sandbox.ayrshare.profiles if one.title == title)


def ended(bot: Bot) -> float:
    values = (
        bot.deps.metrics.registry.get_sample_value("connectbot_sweeps_total", {"outcome": outcome})
        for outcome in OUTCOMES
    )
    return sum(value or 0 for value in values)


async def sweeps(bot: Bot, clock: ManualClock) -> None:
    """Look at all profiles, moving the clock from question to question, and let what was found be gathered."""
    before = ended(bot)

    async def look() -> bool:
        kept = await bot.deps.sweeps.get(TEAM)
        due = await redis_of(bot).zscore(queue_key(TEAM), f"{SWEEP.name}:{SWEEP.id}")
        if due is None:
            await bot.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())
        elif ended(bot) > before:
            return bool(kept and due == moment_ms(kept.next_at))
        elif kept and kept.began is None and due == moment_ms(kept.next_at) > moment_ms(clock.now()):
            clock.advance(kept.next_at - clock.now())
        elif moment_ms(clock.now()) < due < moment_ms(clock.now() + timedelta(seconds=2)):
            clock.advance(timedelta(milliseconds=due - moment_ms(clock.now())))
        return False

    await eventually(look, "the sweep is over", within=30)
    clock.advance(GATHERED)


async def nothing_waits(bot: Bot, clock: ManualClock) -> None:
    """Wait until everything that is due has been done."""

    async def look() -> bool:
        return not await redis_of(bot).zrangebyscore(queue_key(TEAM), 0, moment_ms(clock.now()) + 40_000)

    await eventually(look, "nothing is due")


async def test_a_network_that_needs_a_sign_in_within_two_weeks_is_told(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock
) -> None:
    await mapped("ben", "Acme: Jane")
    await sweeps(bot, clock)
    told = await dm("ben").sees("Acme: Jane", "LinkedIn", NEWS_LINK.label)
    assert "Instagram" not in told.words
    assert (told.buttons, told.url) == ([NEWS_LINK.label], None)


async def test_a_network_that_is_gone_since_yesterday_is_told_once(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox, profile_of: Callable[[str], Profile]
) -> None:
    await mapped("ben", "Globex")
    await sweeps(bot, clock)
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 0
    del profile_of("Globex").accounts["youtube"]
    await sweeps(bot, clock)
    assert FELL_OFF in (await dm("ben").sees("Globex", "YouTube")).words
    await sweeps(bot, clock)
    await sweeps(bot, clock)
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 1


@pytest.mark.parametrize("overrides", [{"AYRSHARE_WEBHOOK_SECRET": SECRET}])
async def test_what_the_webhook_told_the_sweep_does_not_tell_again(
    dm: Dm,
    mapped: Map,
    bot: Bot,
    clock: ManualClock,
    sandbox: Sandbox,
    session: aiohttp.ClientSession,
    profile_of: Callable[[str], Profile],
) -> None:
    await mapped("ben", "Globex")
    await sweeps(bot, clock)
    del profile_of("Globex").accounts["youtube"]
    told = {"platform": "youtube", "profile": "Globex", "type": "unlink", "source": "system"}
    assert await Teller(session, sandbox, clock).tells(**told) == 200
    clock.advance(GATHERED)
    await dm("ben").sees("YouTube", FELL_OFF)
    await sweeps(bot, clock)
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 1


async def test_after_too_many_questions_the_sweep_waits_out_the_window_and_leaves_nobody_out(
    mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    profiles = [await mapped("ben", title) for title in ("Acme: Jane", "Acme: Team", "Globex")]
    sandbox.ayrshare.faults.add("rate_limited", times=1)
    await bot.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())
    await asked_times(sandbox, 1)

    async def look() -> bool:
        due = await redis_of(bot).zscore(queue_key(TEAM), f"{SWEEP.name}:{SWEEP.id}")
        return bool(due == moment_ms(clock.now() + timedelta(minutes=5)))

    await eventually(look, "the sweep waits")
    clock.advance(timedelta(minutes=5))
    await sweeps(bot, clock)
    assert len(await bot.deps.snapshots.of(TEAM, *(profile.ref_id for profile in profiles))) == 3
    assert asked(sandbox) == 4


async def test_one_that_was_mended_and_falls_off_again_is_news_again(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox, profile_of: Callable[[str], Profile]
) -> None:
    await mapped("ben", "Globex")
    await sweeps(bot, clock)
    for times in (1, 2):
        link = profile_of("Globex").accounts.pop("youtube")
        await sweeps(bot, clock)
        await dm("ben").sees_times(times)
        profile_of("Globex").accounts["youtube"] = link
        await sweeps(bot, clock)
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 2


@pytest.mark.parametrize("suspended", [True, False], ids=["suspended", "deleted"])
async def test_a_stale_profile_is_told_to_admins_once_and_marked(
    dm: Dm,
    mapped: Map,
    bot: Bot,
    clock: ManualClock,
    sandbox: Sandbox,
    profile_of: Callable[[str], Profile],
    *,
    suspended: bool,
) -> None:
    globex, initech = await mapped("ben", "Globex"), await mapped("ben", "Initech")
    profile_of("Globex").suspended = suspended
    if not suspended:
        sandbox.ayrshare.profiles.remove(profile_of("Globex"))
    await sweeps(bot, clock)
    told = await dm("ana").sees(SUSPENDED)
    assert "Globex" in told.words
    assert "Initech" not in told.words
    seen = await bot.deps.snapshots.of(TEAM, globex.ref_id, initech.ref_id)
    assert {ref_id for ref_id, one in seen.items() if one.stale} == {globex.ref_id}
    await sweeps(bot, clock)
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 1
    assert not await dm("ben").messages()


async def test_a_refused_api_key_ends_the_sweep_and_marks_nothing(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    profiles = [await mapped("ben", title) for title in ("Acme: Jane", "Globex", "Initech")]
    sandbox.ayrshare.faults.add("bad_api_key", times=None)
    await sweeps(bot, clock)
    assert "AYRSHARE_API_KEY" in (await dm("ana").sees("API key")).words
    assert asked(sandbox) == 1
    assert not await bot.deps.snapshots.of(TEAM, *(profile.ref_id for profile in profiles))
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 1


async def test_profiles_are_asked_about_one_after_another(
    mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    for title in ("Acme: Jane", "Acme: Team", "Globex", "Initech"):
        await mapped("ben", title)
    await sweeps(bot, clock)
    moments = [datetime.fromisoformat(call["at"]) for call in sandbox.ayrshare.calls.since() if "/user" in str(call)]
    assert len(moments) == 4
    assert all(later - earlier >= timedelta(seconds=1.25) for earlier, later in pairwise(moments))


async def test_not_more_than_fifty_hear_of_a_sweep_in_a_day(
    bot: Bot, clock: ManualClock, sandbox: Sandbox, profile_of: Callable[[str], Profile]
) -> None:
    people = [member.id for member in add_members(sandbox.slack.world, 53)]
    for member in people:
        sandbox.slack.world.users[member].tz = "Europe/Berlin"
    sandbox.slack.rate_limits = False
    await fill(bot, sandbox, {member: ["Acme: Jane"] for member in people})
    await sweeps(bot, clock)
    await posted(sandbox, 50)
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 50
    clock.advance(DAY)
    await posted(sandbox, 53)
    told = [call for call in sandbox.slack.calls.since() if call["call"] == "chat.postMessage"]
    assert len({str(call["args"]["channel"]) for call in told}) == 53


async def posted(sandbox: Sandbox, count: int) -> None:
    async def look() -> bool:
        return posts(sandbox) >= count

    await eventually(look, f"{count} messages are posted", within=20, last=lambda: posts(sandbox))


async def test_the_news_of_a_sweep_waits_for_the_morning(
    dm: Dm, mapped: Map, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await mapped("cara", "Acme: Jane")
    await sweeps(bot, clock)
    await nothing_waits(bot, clock)
    assert posts(sandbox) == 0
    clock.advance(timedelta(hours=4))
    await dm("cara").sees("LinkedIn")


async def test_what_one_bot_began_another_goes_on_with(
    environment: dict[str, str], sandbox: Sandbox, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    titles = [f"Profile {number}" for number in range(5)]
    abrupt = replace(QUICK, drain=timedelta(milliseconds=200))
    async with running_bot(Settings(), clock=clock, paces=abrupt) as first, woken(first, clock):
        await fill(first, sandbox, {"ben": titles})
        await first.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())
        await asked_times(sandbox, 1)
        sandbox.ayrshare.faults.add("timeout", ms=60_000)
        await due_soon(first, clock)
        clock.advance_seconds(1.25)
        await asked_times(sandbox, 2)  # and it ends before it has an answer
    async with running_bot(Settings(), clock=clock, paces=QUICK) as second, woken(second, clock):
        clock.advance_seconds(31)
        await sweeps(second, clock)
        assert ended(second) == 1
    assert asked(sandbox) == len(titles) + 1


async def asked_times(sandbox: Sandbox, count: int) -> None:
    async def look() -> bool:
        return asked(sandbox) >= count

    await eventually(look, f"{count} questions", last=lambda: asked(sandbox))


async def due_soon(bot: Bot, clock: ManualClock) -> None:
    """Wait until the next question is planned."""

    async def look() -> bool:
        due = await redis_of(bot).zscore(queue_key(TEAM), f"{SWEEP.name}:{SWEEP.id}")
        return bool(due and due <= moment_ms(clock.now() + timedelta(seconds=2)))

    await eventually(look, "the next question is planned")
