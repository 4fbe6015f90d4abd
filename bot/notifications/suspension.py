"""Ayrshare suspends a profile and says so by webhook: it is marked stale, and the admins are told."""

import structlog

from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.notifications.account_diff import alert_admins
from bot.notifications.model import REPORT_SUSPENSION, Alert, AlertKind
from bot.people import access
from bot.profiles.model import Snapshot
from bot.profiles.redraw import views_changed
from bot.scheduling.job import Job

log = structlog.get_logger()


async def on_suspended(deps: Deps, event: str, ref_id: RefId) -> str:
    """Mark a profile stale, plan that admins are told, and return the outcome's label; raise StoreUnavailable."""
    if await deps.webhook_deliveries.is_claimed(event):
        return "repeated"
    teams = [team for team in await deps.mappings.teams() if await deps.profiles.titles(team, ref_id)]
    now = deps.clock.now()
    for team in teams:
        await deps.snapshots.save(team, ref_id, Snapshot(now, stale=True))
        await deps.scheduler.plan(team, Job(REPORT_SUSPENSION, ref_id), at=now)
        await views_changed(deps, team)
    await deps.webhook_deliveries.claim(event)
    log.warning("profile_suspended", profile=ref_id, workspaces=len(teams))
    return "ok" if teams else "nobody_waits"


async def report_suspension(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Alert the admins of a suspended profile; raise SlackError."""
    admins = await access.admins_to_ask(deps, team)
    if not admins:
        log.warning("no_admin_to_alert", team=team, kind=AlertKind.STALE)
        return
    await alert_admins(deps, team, Alert(AlertKind.STALE, deps.clock.now(), ref_id), admins)
