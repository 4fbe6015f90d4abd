"""A sweep of many profiles: a file has the accounts of all, and only what changed or isn't in it is asked about."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId
from bot.mappings.imports.store import Batch, ImportStore, UserMappings
from bot.notifications.model import BATCH_AGE, BATCH_FROM, BATCH_MARGIN, BATCH_SLICE, Sweep
from bot.notifications.sweep.run import SWEEP
from bot.storage.connection import moment_ms
from sandbox.ayrshare.assumptions import BATCH_READY_AFTER
from sandbox.server import Sandbox
from tests.clock import NOON, ManualClock
from tests.eventually import eventually
from tests.home.home_helpers import asked
from tests.invitations.invitation_helpers import Dm, posts
from tests.notifications.digest_helpers import BEN, LOST, settled
from tests.notifications.sweep.sweep_helpers import nothing_is_due, sweep, sweep_due
from tests.redis_probe import TEAM, redis_of

READY = BATCH_READY_AFTER + BATCH_MARGIN
TITLES = [f"Client {number:03}" for number in range(BATCH_FROM)]


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"CONNECT_DIGEST": "off"}


@pytest.fixture
async def many(bot: Bot, sandbox: Sandbox) -> None:
    """Map a profile with a connected account to Ben for each title."""
    sandbox.ayrshare.add_profiles(TITLES)
    known = [one for one in sandbox.ayrshare.profiles if one.title in TITLES]
    for one in known:
        one.connect("instagram", at=NOON)
    profiles = tuple(Profile(RefId(one.ref_id), one.title, SecretStr(one.key)) for one in known)
    store, people = bot.deps.profiles, (UserMappings(BEN, tuple(one.ref_id for one in profiles)),)
    await ImportStore(store.connection, store).apply(TeamId(TEAM), Batch(profiles=profiles, people=people), by="test")


async def waits_for_the_file(bot: Bot, clock: ManualClock) -> None:
    """Begin a sweep, and wait until it waits for the file."""
    await bot.deps.sweeps.save(TEAM, Sweep(next_at=clock.now()))
    await bot.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())

    async def look() -> bool:
        return await sweep_due(bot) == moment_ms(clock.now() + READY)

    await eventually(look, "the sweep waits for the file")


def calls(sandbox: Sandbox, path: str) -> int:
    return sum(str(one["call"]) == f"GET {path}" for one in sandbox.ayrshare.calls.since())


@pytest.mark.usefixtures("many")
async def test_what_is_as_before_is_not_asked_about(dm: Dm, bot: Bot, clock: ManualClock, sandbox: Sandbox) -> None:
    await waits_for_the_file(bot, clock)
    await clock.advance(READY)
    await sweep(bot, clock)
    assert (calls(sandbox, "/user/batch"), calls(sandbox, "/user")) == (2, 0)
    ref_ids = await bot.deps.profiles.ref_ids(TEAM)
    seen = await bot.deps.snapshots.of(TEAM, *ref_ids)
    assert {(account.network, account.name) for one in seen.values() for account in one.accounts} >= {
        ("instagram", TITLES[0])
    }
    assert (len(seen), {one.at for one in seen.values()}) == (BATCH_FROM, {NOON})
    gone, deleted, suspended = (one for one in sandbox.ayrshare.profiles if one.title in TITLES[:3])
    await clock.advance(timedelta(hours=4))  # until Ayrshare makes another file
    gone.accounts.pop("instagram")
    sandbox.ayrshare.profiles.remove(deleted)
    sandbox.ayrshare.suspend(suspended.title)
    await waits_for_the_file(bot, clock)
    await clock.advance(READY)
    await sweep(bot, clock)
    assert (calls(sandbox, "/user/batch"), calls(sandbox, "/user")) == (4, 3)
    await settled(bot, BEN)
    assert LOST in (await dm("ben").sees(gone.title, "Instagram")).words
    await dm("ana").sees("deleted or suspended, or ha", deleted.title, suspended.title)


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("fault", ["plan", "other_fields", "web_page"])
async def test_without_a_file_all_are_asked_about(bot: Bot, clock: ManualClock, sandbox: Sandbox, fault: str) -> None:
    sandbox.ayrshare.faults.add(fault, times=3 if fault == "web_page" else 1)
    await bot.deps.sweeps.save(TEAM, Sweep(next_at=clock.now()))
    await bot.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())

    async def asks() -> bool:
        return calls(sandbox, "/user") > 0

    await eventually(asks, "profiles are asked about one by one")
    state = await bot.deps.sweeps.get(TEAM)
    assert state is not None
    assert state.batch_at is None


@pytest.mark.usefixtures("many")
async def test_a_file_that_cannot_be_read_has_all_asked_about(bot: Bot, clock: ManualClock, sandbox: Sandbox) -> None:
    await waits_for_the_file(bot, clock)
    sandbox.ayrshare.faults.add("status_error")
    await clock.advance(READY)

    async def asks() -> bool:
        return calls(sandbox, "/user") > 0

    await eventually(asks, "profiles are asked about one by one")
    assert await redis_of(bot).llen(f"connectbot:{{{TEAM}}}:daily_sweep:todo") >= BATCH_FROM - 1
    assert posts(sandbox) == 0


@pytest.mark.usefixtures("many")
async def test_a_sweep_that_was_broken_off_goes_on_where_it_was(bot: Bot, clock: ManualClock, sandbox: Sandbox) -> None:
    await waits_for_the_file(bot, clock)
    first = await bot.deps.sweeps.next_profiles(TEAM, limit=BATCH_SLICE)
    await bot.deps.sweeps.mark_compared(TEAM, first, ask=first[:1])  # by another process
    await clock.advance(READY)
    await sweep(bot, clock)
    assert calls(sandbox, "/user") == 1
    assert len(await bot.deps.snapshots.of(TEAM, *first)) == 1
    assert asked(sandbox) == 3
    assert timedelta(hours=3) < BATCH_AGE
    await nothing_is_due(bot, clock)


@pytest.mark.usefixtures("many")
async def test_another_account_in_the_file_is_asked_about_before_it_is_told(
    dm: Dm, bot: Bot, clock: ManualClock, sandbox: Sandbox
) -> None:
    await waits_for_the_file(bot, clock)
    await clock.advance(READY)
    await sweep(bot, clock)
    other = next(one for one in sandbox.ayrshare.profiles if one.title == TITLES[3])
    other.connect("instagram", at=clock.now(), name="Eve")
    await clock.advance(timedelta(hours=4))  # until Ayrshare makes another file
    await waits_for_the_file(bot, clock)
    await clock.advance(READY)
    await sweep(bot, clock)
    await dm("ben").sees(TITLES[3], "Another Instagram account", "Eve (@eve) is connected in place of")
    assert calls(sandbox, "/user") >= 1
