"""The daily look at all profiles: one question after another, each an errand of its own, so any process can go on.

Ayrshare's limit is 300 calls in five minutes, for a profile and, to be safe, for the account
(https://www.ayrshare.com/docs/errors/errors-http); this leaves room for what people ask for meanwhile.
"""

from datetime import datetime, timedelta

import structlog

from bot.core.model import TeamId
from bot.deps import Deps
from bot.notifications.sweep.check_profile import PACE, look
from bot.notifications.sweep.model import RUN_SWEEP, Sweep
from bot.notifications.sweep.report import see_to_some
from bot.scheduling.job import Job

SWEEP = Job(RUN_SWEEP, "daily")
EACH = timedelta(days=1)
FIRST = timedelta(minutes=10)
"""From when a workspace is known to its first sweep: a bot that is just being set up has other things to do."""
AFTER_A_DEATH = timedelta(seconds=30)
"""Longer than a step takes."""
SOON = timedelta(minutes=1)
"""To the next sweep, where one took longer than a day."""

log = structlog.get_logger()


async def plan_first(deps: Deps) -> None:
    """See to it that there is a sweep of each workspace; does nothing where there is."""
    for team in await deps.mappings.teams():
        if await deps.sweeps.get(team) is None:
            at = deps.clock.now() + FIRST
            await deps.scheduler.plan(team, SWEEP, at=at, unless_planned=True)
            await deps.sweeps.keep(team, Sweep(next_at=at))


async def run_slice(deps: Deps, team: TeamId, _: str) -> None:
    """Begin the sweep, take its next step or end it, and plan the step after that.

    It is planned before as well: whatever goes wrong with a step, the sweep goes on. Raises StoreUnavailable and
    SlackUnavailable, after which it is tried again.
    """
    await deps.scheduler.plan(team, SWEEP, at=deps.clock.now() + AFTER_A_DEATH)
    await deps.scheduler.plan(team, SWEEP, at=await _step(deps, team))


async def _step(deps: Deps, team: TeamId) -> datetime:
    """Take a step, and return when the next is due."""
    now = deps.clock.now()
    sweep = await deps.sweeps.get(team) or Sweep(next_at=now)
    if deps.scheduler.stopping:
        return now
    if sweep.began is None:
        return await _begin(deps, team, sweep)
    ref_id = await deps.sweeps.next(team)
    if ref_id is None:
        return await _end(deps, team, sweep)
    free = await deps.sweeps.acquire_slot(now=now, pace=PACE)
    if free is not None:
        return free
    return await look(deps, team, ref_id, sweep)


async def _begin(deps: Deps, team: TeamId, sweep: Sweep) -> datetime:
    now = deps.clock.now()
    if now < sweep.next_at:
        return sweep.next_at
    await deps.sweeps.begin(team, Sweep(next_at=now + EACH, began=now))
    log.info("sweep_begun", team=team)
    return now


async def _end(deps: Deps, team: TeamId, sweep: Sweep) -> datetime:
    """See to what was found, some of it at a time; raise SlackUnavailable."""
    now = deps.clock.now()
    if await see_to_some(deps, team, sweep):
        return now
    rested = Sweep(next_at=max(sweep.next_at, now + SOON))
    await deps.sweeps.keep(team, rested)
    deps.metrics.sweeps.labels("bad_api_key" if sweep.bad_api_key else "ok").inc()
    log.info("sweep_ended", team=team, bad_api_key=sweep.bad_api_key)
    return rested.next_at
