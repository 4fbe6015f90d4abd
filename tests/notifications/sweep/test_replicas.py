"""The daily look at all profiles with several processes, and beside webhooks: planned once, done once, never lost."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import Bot, running_worker
from bot.core.model import RefId, UserId
from bot.notifications.sweep.model import RUN_SWEEP
from bot.notifications.sweep.run import SWEEP
from bot.scheduling.queue import JobQueue, job_entry, queue_key
from bot.storage.connection import moment_ms
from bot.worker import UPDATE_RANKS
from sandbox.ayrshare import Profile
from sandbox.ayrshare.social_accounts import SocialAccount
from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.invitations.invitation_helpers import Dm, posts
from tests.notifications.news_helpers import ACME, JANE, UNDER_WAY, gathered, happens, settled
from tests.redis_probe import TEAM, redis_of
from tests.time_travel import QUICK, planned
from tests.users import Someone
from tests.webhooks import SECRET

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEN, ANA = UserId("U0BEN0001"), UserId("U0ANA0001")
GONE = "deleted or suspended these profiles"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"AYRSHARE_WEBHOOK_SECRET": SECRET}


@pytest.fixture
async def ben(dm: Dm, mapped: Map) -> Someone:
    await mapped("ben", JANE)
    return dm("ben")


@pytest.fixture
def boss(dm: Dm) -> Someone:
    """The workspace's primary owner, who hears what is for admins."""
    return dm("ana")


@pytest.fixture
def jane(sandbox: Sandbox, clock: ManualClock) -> Profile:
    """Somebody with nothing to tell of yet."""
    jane = next(profile for profile in sandbox.ayrshare.profiles if profile.title == JANE)
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON, NOON + 60 * DAY)
    return jane


async def next_step(bot: Bot) -> float | None:
    """In how many milliseconds the sweep's next step is due; None while one is being taken."""
    at = float(await redis_of(bot).zscore(queue_key(TEAM), job_entry(SWEEP)) or 0)
    left = at - moment_ms(bot.deps.clock.now())
    return None if left <= 0 or left in {UNDER_WAY, UNDER_WAY - 0.5} else left


async def stepped(bot: Bot) -> float:
    """Wait until a step is taken and the next one planned."""
    return await eventually(lambda: next_step(bot), "a step of the sweep", within=10)


async def begin(bot: Bot) -> None:
    await bot.deps.scheduler.plan(TEAM, SWEEP, at=bot.deps.clock.now())
    await stepped(bot)


async def go_on(bot: Bot, clock: ManualClock) -> None:
    """Let time pass until the sweep is over."""
    while (sweep := await bot.deps.sweeps.get(TEAM)) is None or sweep.began is not None:
        clock.advance(timedelta(milliseconds=await stepped(bot)))
        await stepped(bot)


async def sweep(bot: Bot, clock: ManualClock) -> None:
    await begin(bot)
    await go_on(bot, clock)


async def next_day(bot: Bot, clock: ManualClock) -> None:
    """Sweep anew, a day after the last time."""
    kept = await bot.deps.sweeps.get(TEAM)
    assert kept is not None
    clock.advance(kept.next_at - clock.now())
    await stepped(bot)
    await go_on(bot, clock)


def asked(sandbox: Sandbox) -> list[datetime]:
    """When Ayrshare was asked what is linked."""
    return [datetime.fromisoformat(c["at"]) for c in sandbox.ayrshare.calls.since() if c["call"] == "GET /user"]


async def test_a_profile_that_ayrshare_does_not_find_is_stale_too(
    bot: Bot, ben: Someone, boss: Someone, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    sandbox.ayrshare.faults.add("not_found", times=None)
    await sweep(bot, clock)
    await gathered(bot, clock, ANA)
    await boss.sees(GONE, JANE)
    assert (await bot.deps.snapshots.of(TEAM, RefId(jane.ref_id)))[RefId(jane.ref_id)].stale
    await next_day(bot, clock)
    await gathered(bot, clock, ANA)
    assert posts(sandbox) == 1
    assert await ben.messages() == []


async def test_what_a_sweep_told_is_not_told_again_by_a_webhook(
    bot: Bot, ben: Someone, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    await sweep(bot, clock)
    lost = jane.accounts.pop("instagram")
    await next_day(bot, clock)
    await gathered(bot, clock, BEN)
    await ben.sees("fell off")
    sandbox.ayrshare.register_webhook(f"{sandbox.bot_url}/ayrshare/webhook", secret=SECRET)
    jane.accounts["instagram"] = lost
    await happens(sandbox, "unlink", "instagram")
    await gathered(bot, clock, BEN)
    assert posts(sandbox) == 1


async def test_what_a_sweep_finds_by_night_is_told_in_the_morning_and_not_to_who_wants_none(
    bot: Bot, ben: Someone, mapped: Map, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    await mapped("eve", JANE)
    await bot.deps.preferences.mute(TEAM, UserId("U0EVE0001"))
    jane.accounts["linkedin"] = SocialAccount("linkedin", "Jane Doe", NOON, NOON + 5 * DAY)
    clock.advance(10 * timedelta(hours=1))
    await sweep(bot, clock)
    for user in (BEN, UserId("U0EVE0001")):
        await gathered(bot, clock, user)
    assert posts(sandbox) == 0
    clock.advance(datetime(2026, 11, 21, 7, tzinfo=UTC) - clock.now())
    await ben.sees("LinkedIn (Jane Doe) wants a new sign-in by")
    await settled(bot, UserId("U0EVE0001"))
    assert posts(sandbox) == 1


async def test_a_sweep_is_planned_at_the_start_and_only_where_there_is_none(
    bot: Bot, ben: Someone, clock: ManualClock
) -> None:
    async with running_worker(bot.deps.settings, clock=clock, paces=QUICK):
        await planned(bot, RUN_SWEEP, at=NOON + 10 * MINUTE)
    clock.advance(MINUTE)
    async with running_worker(bot.deps.settings, clock=clock, paces=QUICK):
        await planned(bot, RUN_SWEEP, at=NOON + 10 * MINUTE)


async def test_two_replicas_make_one_sweep(
    bot: Bot, ben: Someone, mapped: Map, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    for title in (ACME, "Globex", "Initech"):
        await mapped("cara", title)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(running_worker(bot.deps.settings, clock=clock, paces=QUICK))
        await next_day(bot, clock)  # or ten minutes after the start
        for user in (BEN, UserId("U0CARA001")):
            await gathered(bot, clock, user)
    assert len(asked(sandbox)) == 4


async def test_another_process_goes_on_where_one_was_killed(
    bot: Bot, ben: Someone, mapped: Map, jane: Profile, sandbox: Sandbox, clock: ManualClock
) -> None:
    for title in (ACME, "Globex", "Initech"):
        await mapped("cara", title)
    await begin(bot)
    for _ in range(2):
        clock.advance(timedelta(milliseconds=await stepped(bot)))
        await stepped(bot)
    before = len(asked(sandbox))
    assert 0 < before < 4
    clock.advance(timedelta(milliseconds=await stepped(bot)) - timedelta(milliseconds=1))
    queue = JobQueue(bot.deps.audit.connection, UPDATE_RANKS)
    dead = await queue.lease(TEAM, now=clock.now() + SECOND, at_most=10)
    assert SWEEP in {taken.job for taken in dead}
    clock.advance(29 * SECOND)
    await stepped(bot)
    assert len(asked(sandbox)) == before
    clock.advance(3 * SECOND)
    await stepped(bot)
    await go_on(bot, clock)
    assert len(asked(sandbox)) == 4
