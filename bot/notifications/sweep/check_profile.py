"""How a sweep checks one profile: ask Ayrshare, compare with what is known, record alerts; and what a failure means.

A rejected API key ends the sweep; a rate limit or several failures in a row pause it; a profile that Ayrshare has
deleted or suspended is stale.
"""

import asyncio
from dataclasses import replace
from datetime import datetime

import structlog

from bot.ayrshare.errors import AuthFailed, ProfileGone, RateLimited
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import AccountDiff, compare, note_drops, update_accounts
from bot.notifications.model import (
    CALL_INTERVAL,
    FAILURE_PAUSE,
    FAILURES_IN_A_ROW,
    NO_PROFILE,
    RATE_LIMIT_WINDOW,
    SWEEP_CALL_TIMEOUT,
    Sweep,
)
from bot.profiles.account_status import accounts_of
from bot.storage.errors import StoreUnavailable, UnreadableSecret

log = structlog.get_logger()


async def check_profile(deps: Deps, team: TeamId, ref_id: RefId, sweep: Sweep) -> datetime:
    """Check a profile, and return when the next step may be taken; raise StoreUnavailable."""
    asked_at = deps.clock.now()
    try:
        diff = await read_diff(deps, team, ref_id, asked_at)
    except StoreUnavailable:
        raise
    except (ConnectbotError, TimeoutError) as error:
        return await _on_failure(deps, team, ref_id, sweep, error)
    if diff and diff.alerts:  # pending without a moment: the report schedules who is told
        await note_drops(deps, team, diff.new_drops)
        await deps.notifications.record(team, ref_id, diff.alerts, (), due=None)
    await deps.sweeps.mark_checked(team, ref_id, _without_failures(sweep), news=bool(diff and diff.alerts))
    if diff:  # last, so that after a crash the next check finds the same alerts again
        await update_accounts(deps, team, ref_id, diff.connected, gone=diff.gone, resolved=diff.resolved)
    deps.metrics.sweep_checks.labels("ok").inc()
    return asked_at + CALL_INTERVAL


async def read_diff(deps: Deps, team: TeamId, ref_id: RefId, asked_at: datetime) -> AccountDiff | None:
    """Return what changed in a profile, None if it was removed; raise AyrshareError, UnreadableSecret, TimeoutError."""
    profiles = await deps.profiles.get(team, ref_id)
    if not profiles:
        return None
    snapshot = (await deps.snapshots.of(team, ref_id)).get(ref_id)
    async with asyncio.timeout(SWEEP_CALL_TIMEOUT.total_seconds()):
        current = await accounts_of(deps, team, profiles[0])
    known = await deps.notifications.known_accounts(team, ref_id)
    return compare(ref_id, known, snapshot, current.accounts, now=asked_at)


async def _on_failure(deps: Deps, team: TeamId, ref_id: RefId, sweep: Sweep, error: Exception) -> datetime:
    """Store what a failed call means for the sweep, and return when the next step may be taken."""
    outcome = error.kind if isinstance(error, ConnectbotError) else "timeout"
    deps.metrics.sweep_checks.labels(outcome).inc()
    log.info("sweep_check_failed", team=team, profile=ref_id, cause=outcome)
    now = deps.clock.now()
    if isinstance(error, AuthFailed):
        await deps.sweeps.abort(team, replace(sweep, bad_api_key=True))
        return now
    if isinstance(error, RateLimited):
        return await _on_rate_limit(deps, team, ref_id, sweep, error)
    if isinstance(error, ProfileGone | UnreadableSecret):
        await deps.sweeps.mark_checked(team, ref_id, _without_failures(sweep), stale=isinstance(error, ProfileGone))
        return now + CALL_INTERVAL
    failures = sweep.failures + 1
    await deps.sweeps.mark_checked(team, ref_id, replace(sweep, failures=failures))
    if failures < FAILURES_IN_A_ROW:
        return now + CALL_INTERVAL
    await deps.sweeps.pause(now + FAILURE_PAUSE)
    return now + FAILURE_PAUSE


async def _on_rate_limit(deps: Deps, team: TeamId, ref_id: RefId, sweep: Sweep, error: RateLimited) -> datetime:
    """Pause all sweeps for the rest of the window; skip a profile that is rate-limited twice in a row."""
    until = deps.clock.now() + (error.retry_after or RATE_LIMIT_WINDOW)
    await deps.sweeps.pause(until)
    if sweep.retried == ref_id:
        await deps.sweeps.mark_checked(team, ref_id, sweep)
    else:
        await deps.sweeps.save(team, replace(sweep, retried=ref_id))
    return until


def _without_failures(sweep: Sweep) -> Sweep:
    return replace(sweep, failures=0, retried=NO_PROFILE)
