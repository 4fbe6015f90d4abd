"""Telling somebody what waits for them: by day where they are, if they want to hear it and it is still true."""

import secrets
from datetime import datetime, timedelta

import structlog

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.notifications.model import FOR_ADMINS, SEND_DIGEST, Alert, Digest
from bot.notifications.verify import render_news, still_true
from bot.notifications.views import news_message
from bot.people import access
from bot.people.errors import NotServed
from bot.people.preferences import next_daytime
from bot.scheduling.job import Job
from bot.slack.delivery import deliver_once
from bot.slack.errors import SlackError, TokenRejected

MENDED_WITHIN = timedelta(hours=1)
NEXT_MESSAGE = timedelta(seconds=1)
"""Slack takes one a second (https://docs.slack.dev/reference/methods/chat.postMessage)."""

log = structlog.get_logger()


async def tell(deps: Deps, team: TeamId, user: UserId) -> None:
    """Tell somebody in one message all that waits for them, now or when they may be told; raise SlackUnavailable."""
    try:
        outcome = await _told(deps, team, user)
    except NotServed:
        outcome = "not_served"
    except SlackError as error:
        if error.transient:
            raise
        log.warning("news_refused", team=team, user=user, error=error.reason)
        if isinstance(error, TokenRejected):
            await _later(deps, team, user, after=MENDED_WITHIN)
            return
        outcome = "undeliverable"
    if outcome in {"not_served", "undeliverable"}:
        await _drop(deps, team, user)
    deps.metrics.news.labels(outcome).inc()


async def _told(deps: Deps, team: TeamId, user: UserId) -> str:
    """Tell it and return in a word what came of it; raise NotServed, SlackUnavailable."""
    waiting, parcel = await deps.notifications.waiting(team, user), await deps.notifications.digest(team, user)
    if not waiting and parcel is None:
        return "nothing"
    left = await _when(deps, team, user) - deps.clock.now()
    if left > timedelta(0):
        await _later(deps, team, user, after=left)
        return "postponed"
    stopped = await deps.preferences.is_muted(team, user)
    underway = parcel or await _packed(deps, team, user, waiting, stopped=stopped)
    if underway is None:
        return "stopped" if stopped else "untrue"
    wanted = not stopped or any(alert.kind in FOR_ADMINS for alert in underway.alerts)
    if wanted:
        await _deliver(deps, team, user, underway)
    await deps.notifications.arrived(team, user)
    if parcel and waiting:  # which came after an earlier try had packed it
        await _later(deps, team, user, after=NEXT_MESSAGE)
    return "told" if wanted else "stopped"


async def _when(deps: Deps, team: TeamId, user: UserId) -> datetime:
    """Return from when on somebody may be told: after a snooze, and by day; raise NotServed, SlackUnavailable."""
    await access.check_owner(deps, team=team, owner=user)
    person = await deps.people.get(team, user)
    snoozed = await deps.preferences.snoozed_until(team, user)
    return next_daytime(max(snoozed or deps.clock.now(), deps.clock.now()), zone=person.zone)


async def _packed(
    deps: Deps, team: TeamId, user: UserId, waiting: tuple[Alert, ...], *, stopped: bool
) -> Digest | None:
    """Let what waits go on its way, but for what is not true any more, or not wanted; duties are told all the same."""
    wanted = tuple(alert for alert in waiting if alert.kind in FOR_ADMINS or not stopped)
    true = await still_true(deps, team, user, wanted)
    parcel = Digest(f"news:{secrets.token_hex(8)}", true) if true else None
    return await deps.notifications.pack(team, user, waiting, parcel)


async def _deliver(deps: Deps, team: TeamId, user: UserId, parcel: Digest) -> None:
    news = await render_news(deps, team, parcel.alerts)
    message = news_message(news, command=deps.settings.connect_command)
    await deliver_once(deps, team, user, message, mark=parcel.mark)
    log.info("news_told", team=team, user=user, alerts=len(parcel.alerts))


async def _later(deps: Deps, team: TeamId, user: UserId, *, after: timedelta) -> None:
    await deps.scheduler.plan(team, Job(SEND_DIGEST, user), at=deps.clock.now() + after)


async def _drop(deps: Deps, team: TeamId, user: UserId) -> None:
    """Forget what somebody can't be told."""
    await deps.notifications.pack(team, user, await deps.notifications.waiting(team, user), None)
    await deps.notifications.arrived(team, user)
