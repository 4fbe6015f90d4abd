"""A sweep with several processes: planned once, run once, and continued by another process when one stops or dies."""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import Bot, running_bot, running_worker
from bot.core.model import UserId
from bot.job_runner import UPDATE_RANKS
from bot.notifications.model import CALL_INTERVAL, FIRST_SWEEP, RUN_SWEEP, SLICE_RETRY, Sweep
from bot.notifications.sweep.run import SWEEP, run_slice
from bot.scheduling.queue import JobQueue
from bot.settings import Settings
from bot.storage.connection import moment_ms
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.clock import NOON, ManualClock
from tests.conftest import Map
from tests.eventually import eventually
from tests.home.home_helpers import asked, fill
from tests.notifications.digest_helpers import ACME, BEN, GLOBEX, INITECH, JANE, LEASED, MINUTE, SECOND, settled
from tests.notifications.sweep.sweep_helpers import asked_times, ended, sweep, sweep_due
from tests.redis_probe import TEAM
from tests.time_travel import QUICK, planned, woken


@pytest.fixture
async def four_profiles(mapped: Map) -> None:
    await mapped("ben", JANE)
    for title in (ACME, GLOBEX, INITECH):
        await mapped("cara", title)


async def step(bot: Bot) -> timedelta:
    """Wait until a step is done, and return the time until the next one."""

    async def look() -> float | None:
        left = (await sweep_due(bot) or 0) - moment_ms(bot.deps.clock.now())
        return None if left <= 0 or left in {LEASED, LEASED - 0.5} else left

    return timedelta(milliseconds=await eventually(look, "a step of the sweep is done", within=10))


async def test_a_sweep_is_planned_at_the_start_and_only_where_there_is_none(
    bot: Bot, mapped: Map, clock: ManualClock
) -> None:
    await mapped("ben", JANE)
    for _ in range(2):
        async with running_worker(bot.deps.settings, clock=clock, worker_timings=QUICK):
            await planned(bot, RUN_SWEEP, at=NOON + FIRST_SWEEP)
        await clock.advance(MINUTE)


@pytest.mark.usefixtures("four_profiles")
async def test_two_replicas_run_one_sweep(bot: Bot, sandbox: Sandbox, clock: ManualClock) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(2):
            await stack.enter_async_context(running_worker(bot.deps.settings, clock=clock, worker_timings=QUICK))
        await eventually(lambda: bot.deps.sweeps.get(TEAM), "the first sweep is planned")
        await sweep(bot, clock)
        for user in (BEN, UserId("U0CARA001")):
            await settled(bot, user)
    assert asked(sandbox) == 4


@pytest.mark.usefixtures("four_profiles")
async def test_another_process_continues_when_the_lease_of_a_dead_one_ends(
    bot: Bot, sandbox: Sandbox, clock: ManualClock
) -> None:
    await bot.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())
    for _ in range(2):
        clock.jump(await step(bot))
    next_step = await step(bot)
    before = asked(sandbox)
    assert 0 < before < 4
    clock.jump(next_step - timedelta(milliseconds=1))
    dead = await JobQueue(bot.deps.audit.connection, UPDATE_RANKS).lease(TEAM, now=clock.now() + SECOND, at_most=10)
    assert SWEEP in {leased.job for leased in dead.jobs}
    clock.jump(SLICE_RETRY - SECOND)
    await step(bot)
    assert asked(sandbox) == before
    clock.jump(3 * SECOND)
    await step(bot)
    await sweep(bot, clock)
    assert asked(sandbox) == 4


async def test_another_process_continues_when_one_stops_during_a_call(
    environment: dict[str, str], sandbox: Sandbox, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    titles = [f"Profile {number}" for number in range(5)]
    abrupt = replace(QUICK, drain=timedelta(milliseconds=200))
    async with running_bot(Settings(), clock=clock, worker_timings=abrupt) as first, woken(first, clock):
        await fill(first, sandbox, {"ben": titles})
        await first.deps.scheduler.plan(TEAM, SWEEP, at=clock.now())
        await step(first)
        assert asked(sandbox) == 1
        sandbox.ayrshare.faults.add("timeout", ms=60_000)
        await clock.advance(CALL_INTERVAL)
        await asked_times(sandbox, 2)
    async with running_bot(Settings(), clock=clock, worker_timings=QUICK) as second, woken(second, clock):
        await clock.advance(SLICE_RETRY + SECOND)
        await sweep(second, clock)
        assert ended(second) == 1
    assert asked(sandbox) == len(titles) + 1


@pytest.mark.usefixtures("four_profiles")
async def test_steps_at_once_end_a_sweep_as_the_one_says_that_found_the_api_key_refused(
    bot: Bot, sandbox: Sandbox, log_lines: Lines
) -> None:
    sandbox.ayrshare.faults.add("bad_api_key", times=None)
    await bot.deps.sweeps.begin(TEAM, Sweep(NOON + timedelta(days=1), began=NOON))

    async def begun_after(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await run_slice(bot.deps, TEAM, "")

    await asyncio.gather(*(begun_after(turns) for turns in range(300)))
    ends = [json.loads(line)["bad_api_key"] for line in log_lines.lines if '"sweep_ended"' in line]
    assert ends
    assert all(ends)
