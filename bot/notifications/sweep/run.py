"""The daily check of every profile: what is looked at next, and who hears of what it finds (when: `../digest.py`).

A sweep compares many profiles with a file that has all accounts (`check_batch.py`), asks Ayrshare about the others and
about those that changed, one after another (`check_profile.py`), then reports: at most PEOPLE_A_DAY people
get a digest that day, and admins hear of stale profiles and of a rejected API key. Each step is a job of its own, so
that any process can continue. The limits are in `bot/notifications/model.py`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.notifications import account_diff
from bot.notifications.model import (
    CALL_INTERVAL,
    DAYS_AHEAD,
    FIRST_SWEEP,
    GATHERED_FOR,
    OVERDUE_SWEEP,
    PEOPLE_A_DAY,
    REPORTED_AT_ONCE,
    RUN_SWEEP,
    SLICE_RETRY,
    SWEEP_EVERY,
    Alert,
    AlertKind,
    Sweep,
)
from bot.notifications.sweep.check_batch import ask_for_batch, check_batch
from bot.notifications.sweep.check_profile import check_profile
from bot.people import access
from bot.scheduling.job import Job
from bot.slack.errors import SlackError

SWEEP = Job(RUN_SWEEP, "daily")

log = structlog.get_logger()


async def plan_first(deps: Deps, teams: Iterable[TeamId]) -> None:
    """Plan the sweep of each workspace that has none planned: its first one, or one whose job was lost."""
    now = deps.clock.now()
    for team in teams:
        sweep = await deps.sweeps.get_or_save(team, Sweep(next_at=now + FIRST_SWEEP))
        await deps.scheduler.plan(team, SWEEP, at=now if sweep.began else sweep.next_at, if_planned="keep")


async def run_slice(deps: Deps, team: TeamId, _: str) -> None:
    """Start the sweep, take its next step or end it, and plan the step after that.

    It is planned before the step as well, so that a crash can't end the sweep. Raises StoreUnavailable and SlackError,
    after which the slice is tried again.
    """
    await deps.scheduler.plan(team, SWEEP, at=deps.clock.now() + SLICE_RETRY)
    await deps.scheduler.plan(team, SWEEP, at=await _step(deps, team))


async def _step(deps: Deps, team: TeamId) -> datetime:
    """Take a step, and return when the next is due."""
    now = deps.clock.now()
    stored, ref_id = await deps.sweeps.get_with_next(team)
    sweep = stored or Sweep(next_at=now)
    if deps.scheduler.stopping:
        return now
    if sweep.began is None:
        return await _begin(deps, team, sweep)
    if sweep.batch_at is not None:
        return await check_batch(deps, team, sweep)
    if ref_id is None:
        return await _end(deps, team, sweep)
    blocked_until = await deps.sweeps.acquire_slot(now=now, interval=CALL_INTERVAL)
    if blocked_until is not None:
        return blocked_until
    return await check_profile(deps, team, ref_id, sweep)


async def _begin(deps: Deps, team: TeamId, sweep: Sweep) -> datetime:
    now = deps.clock.now()
    if now < sweep.next_at:
        return sweep.next_at
    await deps.profiles.tell_apart(team)
    batch_at = await ask_for_batch(deps, team)
    await deps.sweeps.begin(team, Sweep(now + SWEEP_EVERY, began=now, batch_at=batch_at, ended=sweep.ended))
    log.info("sweep_began", team=team, batch=batch_at is not None)
    return now


async def _end(deps: Deps, team: TeamId, sweep: Sweep) -> datetime:
    """Report some of the findings, or end the sweep when there are no more; raise SlackError."""
    now = deps.clock.now()
    if await _report(deps, team, sweep):
        return now
    ended = Sweep(max(sweep.next_at, now + OVERDUE_SWEEP), ended=now)
    await deps.sweeps.save(team, ended)
    deps.metrics.sweeps.labels("bad_api_key" if sweep.bad_api_key else "ok").inc()
    log.info("sweep_ended", team=team, bad_api_key=sweep.bad_api_key)
    return ended.next_at


async def _report(deps: Deps, team: TeamId, sweep: Sweep) -> bool:
    """Report up to REPORTED_AT_ONCE findings, and return whether there may be more; raise SlackError."""
    stale = await deps.sweeps.stale_profiles(team, limit=REPORTED_AT_ONCE)
    if stale:
        await _alert_admins(deps, team, [Alert(AlertKind.STALE, deps.clock.now(), ref_id) for ref_id in stale])
        await deps.sweeps.mark_reported(team, *stale)
        return True
    news = await deps.sweeps.profiles_with_news(team, limit=REPORTED_AT_ONCE)
    for user in dict.fromkeys([one for ref_id in news for one in await deps.mappings.holders(team, ref_id)]):
        await schedule_digest_on_free_day(deps, team, user)
    if news:
        await deps.sweeps.mark_notified(team, *news)
        return True
    if sweep.bad_api_key:
        today = f"{deps.clock.now():%Y-%m-%d}"  # in place of a network, so that tomorrow's alert is a new one
        await _alert_admins(deps, team, [Alert(AlertKind.API_KEY, deps.clock.now(), network=today)])
    return False


async def _alert_admins(deps: Deps, team: TeamId, alerts: list[Alert]) -> None:
    admins = await _admins(deps, team)
    if not admins:
        log.warning("no_admin_to_alert", team=team, kind=alerts[0].kind)
    for alert in alerts if admins else ():
        await account_diff.alert_admins(deps, team, alert, admins)


async def _admins(deps: Deps, team: TeamId) -> tuple[UserId, ...]:
    try:
        return await access.admins_to_ask(deps, team)
    except SlackError as error:
        if error.transient:
            raise
        log.warning("admins_unknown", team=team, error=error.reason)
        return ()


async def schedule_digest_on_free_day(deps: Deps, team: TeamId, user: UserId) -> None:
    """Schedule a digest of someone's pending alerts for now, or for the first day with room for one more person."""
    if not await deps.notifications.pending(team, user):
        return
    now = deps.clock.now()
    if await deps.preferences.is_muted(team, user) or await _has_room(deps, team, user, now):
        await account_diff.schedule_digest(deps, team, user, at=now + GATHERED_FOR)
        return
    for day in (now + timedelta(days=number) for number in range(1, DAYS_AHEAD)):
        if await _has_room(deps, team, user, day):
            await account_diff.schedule_digest(deps, team, user, at=day)
            return
    log.warning("digest_has_no_day", team=team, user=user)


async def _has_room(deps: Deps, team: TeamId, user: UserId, day: datetime) -> bool:
    return await deps.sweeps.reserve_day(team, user, day=day, limit=PEOPLE_A_DAY)
