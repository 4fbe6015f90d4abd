"""One profile's share of the daily look: ask, compare with what was known, and keep what is news of it."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.ayrshare.errors import AuthFailed, ProfileGone, RateLimited
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.notifications.account_watch import Difference, difference
from bot.notifications.model import Alert
from bot.notifications.sweep.model import NOBODY, Sweep
from bot.profiles.account_status import accounts_of
from bot.storage.errors import StoreUnavailable, UnreadableSecret

PACE = timedelta(seconds=1.25)
"""Between two questions: 240 in five minutes."""
PATIENCE = timedelta(seconds=5)
"""For one of them; an errand is leased for longer."""
WINDOW = timedelta(minutes=5)
"""Of Ayrshare's limit: after a 429 the rest of it is waited out, since a thousand 429 in a day suspend a profile."""
LONGEST_HOLD = timedelta(minutes=30)
FAILURES = 5
"""Questions in a row without an answer after which Ayrshare is left in peace for a while."""
PAUSE = timedelta(minutes=10)

log = structlog.get_logger()


async def look(deps: Deps, team: TeamId, ref_id: RefId, sweep: Sweep) -> datetime:
    """Look at a profile, and return from when on the next step may be taken; raise StoreUnavailable."""
    asked_at = deps.clock.now()
    try:
        found = await _find(deps, team, ref_id, asked_at)
    except StoreUnavailable:
        raise
    except (ConnectbotError, TimeoutError) as error:
        return await _failed(deps, team, ref_id, sweep, error)
    people = await _note(deps, team, ref_id, found.alerts) if found else ()
    await deps.sweeps.looked(team, ref_id, _going_well(sweep), people=people)
    if found:  # only now: after a death before this the next look finds the same once more
        await deps.notifications.watch(team, ref_id, found.linked, gone=found.gone, over=found.over)
    deps.metrics.sweep_looks.labels("ok").inc()
    return asked_at + PACE


async def _find(deps: Deps, team: TeamId, ref_id: RefId, asked_at: datetime) -> Difference | None:
    """Ask about a profile, if it is still known, and compare; raise AyrshareError, UnreadableSecret, TimeoutError."""
    profiles = await deps.profiles.get(team, ref_id)
    if not profiles:
        return None
    last = (await deps.snapshots.of(team, ref_id)).get(ref_id)
    async with asyncio.timeout(PATIENCE.total_seconds()):
        seen = await accounts_of(deps, team, profiles[0])
    watched = await deps.notifications.watched(team, ref_id)
    return difference(ref_id, watched, last, seen.accounts, now=asked_at)


async def _note(deps: Deps, team: TeamId, ref_id: RefId, alerts: tuple[Alert, ...]) -> tuple[UserId, ...]:
    """Keep what may be news of a profile, and return for whom."""
    holders = await deps.mappings.holders(team, ref_id) if alerts else ()
    if holders:
        await deps.notifications.note(team, ref_id, alerts, holders, due=None)
    return holders


async def _failed(deps: Deps, team: TeamId, ref_id: RefId, sweep: Sweep, error: Exception) -> datetime:
    """Keep what a question without an answer means for the sweep, and return likewise."""
    word = error.kind if isinstance(error, ConnectbotError) else "timeout"
    deps.metrics.sweep_looks.labels(word).inc()
    log.info("sweep_look_failed", team=team, profile=ref_id, cause=word)
    now = deps.clock.now()
    if isinstance(error, AuthFailed):
        await deps.sweeps.give_up(team, replace(sweep, bad_api_key=True))
        return now
    if isinstance(error, RateLimited):
        return await _wait(deps, team, ref_id, sweep, error)
    if isinstance(error, ProfileGone | UnreadableSecret):
        await deps.sweeps.looked(team, ref_id, _going_well(sweep), stale=isinstance(error, ProfileGone))
        return now + PACE
    failures = sweep.failures + 1
    await deps.sweeps.looked(team, ref_id, replace(sweep, failures=failures))
    if failures < FAILURES:
        return now + PACE
    await deps.sweeps.pause(now + PAUSE)
    return now + PAUSE


async def _wait(deps: Deps, team: TeamId, ref_id: RefId, sweep: Sweep, error: RateLimited) -> datetime:
    """Ask nobody for the rest of the window; a profile that is asked about too often twice is left out."""
    until = deps.clock.now() + min(error.retry_after or WINDOW, LONGEST_HOLD)
    await deps.sweeps.pause(until)
    if sweep.retried == ref_id:
        await deps.sweeps.looked(team, ref_id, sweep)
    else:
        await deps.sweeps.keep(team, replace(sweep, retried=ref_id))
    return until


def _going_well(sweep: Sweep) -> Sweep:
    return replace(sweep, failures=0, retried=NOBODY)
