"""An admin hands a person's profiles over to another one (who asks them to when that person has left: departure.py).

Handlers check before (people/access.py) that the admin may do that.
"""

from collections.abc import Sequence

from bot.cards.model import Card
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings.errors import HasThemAlready, NothingHeld
from bot.mappings.held import held_by, live_links
from bot.mappings.model import RemovalResult
from bot.mappings.unmap import take
from bot.people import access
from bot.profiles.model import ProfileRef


async def profiles_to_hand_over(
    deps: Deps, team: TeamId, old: UserId
) -> tuple[tuple[ProfileRef, ...], tuple[Card, ...]]:
    """Return a person's profiles, and their links that still work; raise NoSuchProfile."""
    held = await held_by(deps, team, old)
    if not held:
        raise NothingHeld(old, "hand over")
    return held, await live_links(deps, team, old, held)


async def check_successor(deps: Deps, team: TeamId, *, old: UserId, new: UserId, by: UserId) -> None:
    """Return if a person can take profiles over, as Slack says now; raise NotServed, SlackError, AskedTooOften."""
    if old == new:
        raise HasThemAlready
    await access.check_owner(deps, team=team, owner=new, by=by)


async def hand_over(
    deps: Deps, team: TeamId, *, old: UserId, new: UserId, ref_ids: Sequence[RefId], by: UserId
) -> RemovalResult:
    """Hand over all of the profiles or none, end the old person's links and tell both."""
    return await take(deps, team, old, ref_ids, to=new, by=by)
