"""When a workspace no longer has the app: its tokens go at once, then its cards, and 30 days later its data.

Whether it has is decided by Slack's answer about the token, never by an event alone: an event may come late, after the
app was installed again. An organization may also close single workspaces to its app.

https://docs.slack.dev/reference/events/app_uninstalled, https://docs.slack.dev/reference/events/tokens_revoked,
https://docs.slack.dev/reference/events/team_access_revoked
"""

from collections.abc import Set as AbstractSet
from datetime import datetime

import structlog

from bot.cards import revoke
from bot.core.model import TeamId
from bot.deps import Deps
from bot.people.page_reader import BOT
from bot.scheduling.job import Job
from bot.slack.errors import ScopeMissing, TokenRejected
from bot.workspaces.model import CHECK, CHECK_EVERY, DATA_KEPT, END, FORGET, Installed
from bot.workspaces.refresh import renew

UNINSTALLED = "account_inactive"
"""What Slack says of the token of an app that was uninstalled."""
TOKEN_ENDED = frozenset({"token_expired", "token_revoked", "invalid_auth"})
"""What it says of a single token, whose refresh token may work yet."""

log = structlog.get_logger()


async def plan_check(deps: Deps, place: TeamId) -> None:
    """Have it looked at whether the app is still installed in a place; raise StoreUnavailable."""
    await deps.scheduler.plan(place, CHECK, at=deps.clock.now())


async def plan_daily_checks(deps: Deps) -> None:
    """Have each place looked at once a day, since an event may have been lost."""
    for place in await deps.installations.places():
        await deps.scheduler.plan(place, CHECK, at=deps.clock.now() + CHECK_EVERY, if_planned="keep")


async def check_installation(deps: Deps, place: TeamId, _: str) -> None:
    """Ask Slack about a place's token, and end the installation if that says so; raise SlackError in doubt.

    Of an organization, see too which of its workspaces the token can access.
    """
    installed = await deps.installations.installed(place)
    if installed is None or not await _works(deps, installed):
        return
    if installed.bot.is_enterprise_install and (now := await deps.installations.installed(place)):
        await _compare_workspaces(deps, place, await deps.oauth.teams(now.bot))


async def _works(deps: Deps, installed: Installed) -> bool:
    """Return whether a token works, or a new one in its place; end the installation if there is none."""
    try:
        await deps.oauth.test(installed.bot)
    except ScopeMissing:
        return True
    except TokenRejected as error:
        place = installed.place
        if error.reason not in {UNINSTALLED, *TOKEN_ENDED}:
            raise
        if installed.bot.bot_refresh_token and error.reason != UNINSTALLED and await renew(deps, place, early=True):
            return True
        log.warning("workspace_left", place=place, error=error.reason)
        await leave(deps, place)
        return False
    return True


async def leave(deps: Deps, place: TeamId) -> None:
    """Delete the tokens of a place, and have the rest follow."""
    now = deps.clock.now()
    await deps.installations.end(place, now=now, forget_at=now + DATA_KEPT)
    deps.slack.forget(*await deps.installations.workspaces(place))
    await deps.scheduler.wake(place, at=now)


async def _compare_workspaces(deps: Deps, organization: TeamId, accessible: AbstractSet[TeamId]) -> None:
    """Take over which workspaces of an organization are open to its app, of those that the bot knows."""
    now = deps.clock.now()
    known = {team for team in await deps.installations.workspaces(organization) if team != organization}
    for team in known - accessible:
        log.warning("workspace_closed", team=team, organization=organization)
        await deps.installations.close_workspace(organization, team, now=now, forget_at=now + DATA_KEPT)
        deps.slack.forget(team)
        await deps.scheduler.wake(team, at=now)
    for team in {*await deps.mappings.teams()} & accessible - known:
        await deps.installations.add_workspace(organization, team)
        deps.slack.forget(team)


async def jobs_after_the_end(deps: Deps, place: TeamId) -> dict[Job, datetime]:
    """Return what ends a place that has uninstalled the app, as if that were now; nothing if it hasn't."""
    if await deps.slack.serves(place) or not await deps.installations.has_data(place):
        return {}
    now = deps.clock.now()
    return {END: now, FORGET: now + DATA_KEPT}


async def end_cards(deps: Deps, place: TeamId, _: str) -> None:
    """End all links of the workspaces that used an installation, and draw that as far as Slack takes it."""
    for team in await deps.installations.workspaces(place):
        if await deps.installations.installed_for(team) is None:  # what this process remembers may be a minute old
            await revoke.end_all_links(deps, team, by=BOT)
