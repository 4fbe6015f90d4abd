"""How many links may be made."""

from datetime import timedelta

from bot.deps import Deps
from bot.errors import TooManyLinks
from bot.model import TeamId, UserId

PER_PERSON = 10
PER_TEAM = 120
"""Links a minute."""


async def count_link(deps: Deps, team: TeamId, user: UserId) -> None:
    """Count a link that somebody is about to make; raise TooManyLinks, which says when to try again."""
    wait = await deps.limits.take_link(team, user, per_person=PER_PERSON, per_team=PER_TEAM)
    if wait > timedelta(0):
        raise TooManyLinks(wait)
