"""Who is in a user group that is to be asked, as far as Slack tells."""

import structlog

from bot.core.model import UserId
from bot.deps import Deps
from bot.invitations.errors import GroupNotRead
from bot.invitations.group.model import GroupRequest
from bot.slack.errors import ScopeMissing, SlackError

NOT_READ = "Slack doesn't tell me who is in that group. It may have been switched off."
NO_SCOPE = "I can't see who is in a group: the app has no scope usergroups:read. Whoever installs it can allow that."

log = structlog.get_logger()


async def members_of(deps: Deps, sending: GroupRequest) -> list[UserId]:
    """Return who is to be asked; raise GroupNotRead, or SlackUnavailable where waiting may help."""
    try:
        members = sorted(await deps.people.group(sending.group) - {sending.sender})
    except SlackError as error:
        if error.transient:
            raise
        log.warning("group_not_read", group=sending.group, error=error.reason)
        raise GroupNotRead(NO_SCOPE if isinstance(error, ScopeMissing) else NOT_READ) from None
    if not members:
        raise GroupNotRead("Nobody but you is in that group.")
    return members
