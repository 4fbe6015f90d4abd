"""How often people may set off calls of Ayrshare: nobody is to use up what all share."""

from datetime import timedelta

from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.people.errors import AskedTooOften

PER_PERSON = 10
PER_TEAM = 120
"""Links a minute, and likewise looks at the status."""


async def count_link(deps: Deps, team: TeamId, user: UserId) -> None:
    """Count a link that somebody is about to make; raise AskedTooOften, which says when to try again."""
    await _count(deps, team, user, "links")


async def count_status(deps: Deps, team: TeamId, user: UserId) -> None:
    """Count a look at the status; raise AskedTooOften likewise."""
    await _count(deps, team, user, "status")


async def count_invitation(deps: Deps, team: TeamId, user: UserId) -> None:
    """Count somebody's wish to invite a colleague, which costs looks too; raise AskedTooOften likewise."""
    await _count(deps, team, user, "invitations")


async def _count(deps: Deps, team: TeamId, user: UserId, what: str) -> None:
    wait = await deps.limits.take(team, user, what, per_person=PER_PERSON, per_team=PER_TEAM)
    if wait > timedelta(0):
        raise AskedTooOften(wait, what)
