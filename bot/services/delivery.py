"""A direct message that is posted once to the eye, whatever dies in between."""

from bot.deps import Deps
from bot.errors import PASSING, SlackUnavailable
from bot.model import Message, Posted, TeamId, UserId

UNSURE = PASSING - {"ratelimited"}
"""What Slack says, or doesn't, where it may have posted all the same."""


async def deliver_once(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> Posted:
    """Post a message and return where it stands, or where it was posted by an earlier call with the same mark.

    Where an earlier one was cut short, the direct message is read before anything is posted again. Two calls at once
    may both post: an errand has one process at a time. Raises SlackUnavailable.
    """
    begun = await deps.outbox.begin(team, mark)
    if isinstance(begun, Posted):
        return begun
    posted = None if begun else await deps.direct.find(user, mark)
    if posted is None:
        posted = await _post(deps, team, user, message, mark=mark)
    await deps.outbox.posted(team, mark, posted)
    return posted


async def _post(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> Posted:
    try:
        return await deps.direct.post(user, message, mark=mark)
    except SlackUnavailable as error:
        if error.word not in UNSURE:
            await deps.outbox.drop(team, mark)
        raise
