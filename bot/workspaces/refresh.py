"""Renewing a token before it expires: by one process at a time, and so that nothing is lost when that one dies.

Slack takes a refresh token once, and again for a short grace period after that; the access token that it replaces works
on until it expires. So the job stands again a few seconds ahead before Slack is asked: whoever does it then, after a
process died with Slack's answer in hand, gets another pair in time.

https://docs.slack.dev/authentication/using-token-rotation
"""

import asyncio
from datetime import timedelta

import structlog
from redis.asyncio.client import Pipeline
from slack_sdk.oauth.installation_store import Bot

from bot.core.model import TeamId
from bot.deps import Deps
from bot.scheduling.job import Job
from bot.scheduling.queue import add_job, job_entry, queue_key
from bot.slack.errors import SlackError
from bot.storage.connection import Connection
from bot.storage.errors import StoreUnavailable
from bot.workspaces.model import CHECK, FORGET, REFRESH, REFRESH_TOKEN, Installed, place_of, refresh_at
from bot.workspaces.store import BesideSave

AGAIN = Job(REFRESH_TOKEN, "again")
"""Renew tokens, due when a process that was doing it has died."""
TAKEN_OVER = timedelta(seconds=7)
"""Longer than a lock outlives its process, shorter than any grace period that is one."""
LONGEST = timedelta(seconds=30)
"""How long one refresh holds the lock, at most."""
SAVE_AGAIN = timedelta(seconds=1)
LOST_RETRY = timedelta(minutes=10)
"""Another process may yet save what it got."""
REFUSED = frozenset({"invalid_refresh_token", "token_revoked", "token_expired", "invalid_auth", "account_inactive"})

log = structlog.get_logger()


def plan_beside(connection: Connection) -> BesideSave:
    """Return what goes with each saved installation: its refresh is planned, and an earlier end is called off."""

    def beside_save(pipe: Pipeline, bot: Bot) -> None:
        place = place_of(bot)
        pipe.zrem(queue_key(place), job_entry(FORGET), job_entry(AGAIN))
        if at := refresh_at(bot):
            add_job(pipe, connection, place, REFRESH, at=at)

    return beside_save


async def refresh_token(deps: Deps, place: TeamId, _: str) -> None:
    """Renew a place's token if that is due; raise SlackError where it has to be tried again."""
    installed = await deps.installations.installed(place)
    due = refresh_at(installed.bot) if installed else None
    if due is None:
        return
    if deps.clock.now() < due:
        await deps.scheduler.plan(place, REFRESH, at=due)
        return
    await renew(deps, place)


async def renew(deps: Deps, place: TeamId, *, early: bool = False) -> bool:
    """Renew a token, also before that is due if `early`; return False if Slack refuses.

    Return True, too, where another process does it. Raises SlackError where it has to be tried again.
    """
    await deps.scheduler.plan(place, AGAIN, at=deps.clock.now() + TAKEN_OVER)
    async with deps.locks.hold(place, REFRESH_TOKEN, longest=LONGEST) as ours:
        installed = await deps.installations.installed(place) if ours else None
        due = refresh_at(installed.bot) if installed else None
        if installed is None or due is None or (deps.clock.now() < due and not early):
            return True  # another process does it, or has just done it
        try:
            renewed = await deps.oauth.refresh(installed.bot)
        except SlackError as error:
            if error.reason not in REFUSED:
                raise
            await _refused(deps, place, installed, error)
            return False
        await _keep(deps, place, installed, renewed)
        return True


async def _keep(deps: Deps, place: TeamId, installed: Installed, renewed: Bot) -> None:
    """Save new tokens before anything else is done, however long that takes: nobody else has them."""
    kept = None
    while kept is None:
        try:
            kept = await deps.installations.replace(installed, renewed)
        except StoreUnavailable:
            await asyncio.sleep(SAVE_AGAIN.total_seconds())
    deps.metrics.token_refreshes.labels("ok" if kept else "superseded").inc()
    log.info("token_refreshed" if kept else "token_refresh_superseded", place=place)


async def _refused(deps: Deps, place: TeamId, installed: Installed, error: SlackError) -> None:
    """Look again later, and at the installation: it may be over, or another process has the new tokens yet to save."""
    deps.metrics.token_refreshes.labels("refused").inc()
    log.error("token_not_refreshed", place=place, error=error.reason, works_until=installed.bot.bot_token_expires_at)
    now = deps.clock.now()
    await deps.scheduler.cancel(place, AGAIN)
    await deps.scheduler.plan(place, CHECK, at=now)
    await deps.scheduler.plan(place, REFRESH, at=now + LOST_RETRY)
