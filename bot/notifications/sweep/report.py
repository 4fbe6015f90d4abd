"""What a sweep has found: people hear of their accounts, so many a day; admins of stale profiles and of the API key."""

from datetime import datetime, timedelta

import structlog

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.notifications import account_diff
from bot.notifications.model import Alert, AlertKind
from bot.notifications.sweep.model import Sweep
from bot.people import access
from bot.slack.errors import SlackError

AT_MOST = 50
"""People who hear of a sweep in a day; the others do on the days after it."""
LONGEST_WAIT = 60
"""Days for which news is kept."""
AT_ONCE = 50
DAY = timedelta(days=1)

log = structlog.get_logger()


async def see_to_some(deps: Deps, team: TeamId, sweep: Sweep) -> bool:
    """See to some of what was found, and return whether there may be more; raise SlackUnavailable."""
    stale = await deps.sweeps.stale(team, at_most=AT_ONCE)
    if stale:
        await _tell_admins(deps, team, [Alert(AlertKind.STALE, deps.clock.now(), ref_id) for ref_id in stale])
        await deps.sweeps.reported(team, *stale)
        return True
    people = await deps.sweeps.people(team, at_most=AT_ONCE)
    for user in people:
        await _give_place(deps, team, user)
    if people:
        await deps.sweeps.seen_to(team, *people)
        return True
    if sweep.bad_api_key:
        today = f"{deps.clock.now():%Y-%m-%d}"  # in a network's place, so that tomorrow it is news again
        await _tell_admins(deps, team, [Alert(AlertKind.API_KEY, deps.clock.now(), network=today)])
    return False


async def _tell_admins(deps: Deps, team: TeamId, told: list[Alert]) -> None:
    admins = await _admins(deps, team)
    if not admins:
        log.warning("no_admin_to_tell", team=team, what=told[0].kind)
    for alert in told if admins else ():
        await account_diff.tell(deps, team, [alert], admins)


async def _admins(deps: Deps, team: TeamId) -> tuple[UserId, ...]:
    try:
        return await access.admins_to_ask(deps, team)
    except SlackError as error:
        if error.transient:
            raise
        log.warning("admins_unknown", team=team, error=error.reason)
        return ()


async def _give_place(deps: Deps, team: TeamId, user: UserId) -> None:
    """Let somebody hear soon of what waits for them, or on the first day on which there is room."""
    if not await deps.notifications.waiting(team, user):
        return
    now = deps.clock.now()
    if await deps.preferences.is_muted(team, user) or await _has_room(deps, team, user, now):
        await account_diff.make_due(deps, team, user, at=now + account_diff.GATHERED_FOR)
        return
    days = (now + DAY * number for number in range(1, LONGEST_WAIT))
    for day in days:
        if await _has_room(deps, team, user, day):
            await account_diff.make_due(deps, team, user, at=day)
            return
    log.warning("news_has_no_day", team=team, user=user)


async def _has_room(deps: Deps, team: TeamId, user: UserId, day: datetime) -> bool:
    return await deps.sweeps.reserve(team, user, day=day, at_most=AT_MOST)
