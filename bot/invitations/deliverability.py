"""Whether somebody can be sent what a colleague asks of them, as things stand now."""

from bot.core.model import Membership, TeamId, UserId
from bot.deps import Deps
from bot.invitations.model import Failure
from bot.people import access
from bot.people.errors import NotServed
from bot.slack.errors import RecipientDeactivated, SlackError


async def delivery_blocker(deps: Deps, team: TeamId, user: UserId) -> Failure | None:
    """Return why somebody can't be asked, if anything stands against it; raise SlackUnavailable in doubt."""
    try:
        await access.check_owner(deps, team=team, owner=user)
    except NotServed:
        gone = (await deps.people.get(team, user)).membership is Membership.DEACTIVATED
        return Failure.DEACTIVATED if gone else Failure.NOT_SERVED
    return Failure.OPTED_OUT if await deps.preferences.is_muted(team, user) else None


def refusal_of(error: SlackError) -> Failure:
    """Return why Slack didn't take a message to a person."""
    return Failure.DEACTIVATED if isinstance(error, RecipientDeactivated) else Failure.CANT_BE_MESSAGED
