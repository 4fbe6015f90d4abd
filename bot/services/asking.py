"""*Ask an admin*: somebody without a profile lets an admin know, once a day, in a message that several askers share."""

from datetime import timedelta

import structlog

from bot.deps import Deps
from bot.errors import SlackUnavailable
from bot.model import TeamId, UserId
from bot.services import access
from bot.views.answers import asked_for_profiles

DAY = timedelta(days=1)

log = structlog.get_logger()


async def ask_admin(deps: Deps, team: TeamId, asker: UserId) -> tuple[UserId, ...]:
    """Tell the admins and return who they are; none where this person has asked today already."""
    ask = f"ask_admin:{asker}"
    if not await deps.once.claim(team, ask, within=DAY):
        return ()
    try:
        admins = await access.admins_to_ask(deps, team)
        told = [admin for admin in admins if await _told(deps, team, admin, asker)]
        if not told:
            raise SlackUnavailable
    except Exception:
        await deps.once.release(team, ask)
        raise
    return tuple(told)


async def _told(deps: Deps, team: TeamId, admin: UserId, asker: UserId) -> bool:
    askers, posted = await deps.asks.add(team, admin, asker, within=DAY)
    message = asked_for_profiles(askers, team=team)
    try:
        if posted is None:
            await deps.asks.posted(team, admin, await deps.direct.post(admin, message))
        else:
            await deps.direct.update(posted, message)
    except SlackUnavailable as error:
        log.warning("admin_not_told", admin=admin, error=error.word)
        return False
    return True
