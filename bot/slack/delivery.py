"""A direct message that is posted once to the eye, whatever dies in between."""

import json
from datetime import timedelta
from hashlib import sha256

import structlog

from bot.core.model import Message, TeamId, UserId
from bot.deps import Deps
from bot.slack.errors import MessageGone, SlackAway, SlackError
from bot.slack.model import MessageRef

SPACING = timedelta(seconds=1.5)
"""Between two posts to one person: Slack takes one a second, and they don't travel equally fast.

https://docs.slack.dev/apis/web-api/rate-limits
"""

log = structlog.get_logger()


async def deliver_once(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> MessageRef:
    """Post a message and return where it stands, or where it was posted by an earlier call with the same mark.

    Where an earlier one was cut short, the direct message is read before anything is posted again. Two calls at once
    may both post: an errand has one process at a time. Raises SlackUnavailable.
    """
    return await _earlier(deps, team, user, mark) or await _post(deps, team, user, message, mark=mark)


async def deliver_newest(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> MessageRef | None:
    """Do the same, but change what an earlier call posted: it said how things stood then.

    For errands that have their turn at `chat.update` and can wait: None means to come again after the spacing.
    """
    earlier = await _earlier(deps, team, user, mark)
    if earlier is not None:
        await deps.direct_messages.update(earlier, message)
        return earlier
    if not await deps.idempotency.claim(team, f"posted_to:{user}", within=SPACING):
        await deps.outbox.drop(team, mark)
        return None
    return await _post(deps, team, user, message, mark=mark)


async def keep_up_to_date(
    deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str, posted: MessageRef | None
) -> MessageRef | None:
    """Change a message that was posted, or post it for the first time; None means as in `deliver_newest`."""
    if posted is None:
        return await deliver_newest(deps, team, user, message, mark=mark)
    try:
        await deps.direct_messages.update(posted, message)
    except MessageGone as error:
        log.info("message_gone", mark=mark, error=error.reason)
    return posted


def digest(message: Message) -> str:
    """Return what tells whether a message says something new."""
    return sha256(json.dumps(message.blocks).encode()).hexdigest()[:16]


async def _earlier(deps: Deps, team: TeamId, user: UserId, mark: str) -> MessageRef | None:
    """Return where the message with a mark stands already; if nowhere, it is written down that it is to be posted."""
    begun = await deps.outbox.begin(team, mark)
    if isinstance(begun, MessageRef):
        return begun
    found = None if begun else await deps.direct_messages.find(user, mark)
    if found is not None:
        await deps.outbox.posted(team, mark, found)
    return found


async def _post(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> MessageRef:
    try:
        posted = await deps.direct_messages.post(user, message, mark=mark)
    except SlackError as error:
        if not isinstance(error, SlackAway):
            await deps.outbox.drop(team, mark)
        raise
    await deps.outbox.posted(team, mark, posted)
    return posted
