"""Whether somebody can be sent what a colleague asks of them, as things stand now."""

from bot.core.model import Membership, TeamId, UserId
from bot.deps import Deps
from bot.invitations.model import Failure
from bot.people import access
from bot.people.errors import NotServed

UNREACHABLE = {"user_disabled": Failure.DEACTIVATED}
"""What Slack's words for a refused message mean; all others mean that this person can't be messaged."""


async def delivery_blocker(deps: Deps, team: TeamId, user: UserId) -> Failure | None:
    """Return why somebody can't be asked, if anything stands against it; raise SlackUnavailable in doubt."""
    try:
        await access.check_owner(deps, team=team, owner=user)
    except NotServed:
        gone = (await deps.people.get(team, user)).membership is Membership.DEACTIVATED
        return Failure.DEACTIVATED if gone else Failure.NOT_SERVED
    return Failure.OPTED_OUT if await deps.preferences.is_muted(team, user) else None


def refusal_of(word: str) -> Failure:
    """Return why Slack didn't take a message, by its own word for that."""
    return UNREACHABLE.get(word, Failure.CANT_BE_MESSAGED)
