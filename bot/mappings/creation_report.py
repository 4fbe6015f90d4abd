"""A creation of a profile that was cut short is reported: Ayrshare may have the profile, and bills it.

The job is written before Ayrshare is asked. Whoever asks for the profile says what came of it, and cancels the job.
"""

import secrets
from contextlib import suppress
from datetime import timedelta

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.mappings.map_views import maybe_created, not_given
from bot.mappings.model import CREATION_SETTLED, REPORT_CREATION, PendingMapping
from bot.people.audit import AuditRow
from bot.profiles.titles import plain_title
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.storage.errors import StoreUnavailable

SEPARATOR = ":"
REPORTED_FOR = timedelta(days=8)
"""Longer than a job is retried."""


async def plan_report(deps: Deps, team: TeamId, pending: PendingMapping) -> Job:
    """Plan to report a creation, and return the job; raise StoreUnavailable."""
    parts = secrets.token_hex(8), pending.by, pending.user, pending.title
    report = Job(REPORT_CREATION, SEPARATOR.join(parts))
    await deps.scheduler.plan(team, report, at=deps.clock.now() + CREATION_SETTLED)
    return report


async def cancel_report(deps: Deps, team: TeamId, report: Job) -> None:
    """Report nothing: what came of the creation is said otherwise."""
    with suppress(StoreUnavailable):
        await deps.scheduler.cancel(team, report)


async def report_creation(deps: Deps, team: TeamId, job_id: str) -> None:
    """Say to the admin, and in the audit log, what is known of a profile that may exist; raise SlackError."""
    token, admin, owner, title = job_id.split(SEPARATOR, 3)
    by, user, titles = UserId(admin), UserId(owner), await deps.profiles.all_titles(team)
    created = next((ref_id for ref_id, named in titles.items() if plain_title(ref_id, named) == title), None)
    if created is not None:
        if await deps.mappings.holders(team, created):
            return
        message = not_given(title, user, created)
    else:
        message = maybe_created(title, user)
        if await deps.idempotency.claim(team, f"creation_reported:{token}", within=REPORTED_FOR):
            await deps.audit.add(team, AuditRow("profile_maybe_created", by=by, owner=user, detail=title))
    await deliver_once(deps, team, by, message, mark=f"creation:{token}")
