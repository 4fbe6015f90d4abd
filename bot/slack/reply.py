"""An answer to whoever asked: through their `response_url`, else in a direct message."""

import structlog

from bot.core.model import Message, UserId
from bot.deps import Deps
from bot.slack.errors import ResponseUrlRefused, SlackError
from bot.slack.model import ResponseUrl

log = structlog.get_logger()


async def reply(deps: Deps, user: UserId, answer: ResponseUrl | None, message: Message) -> None:
    """Show a message to somebody; where nothing gets through, the log has it that they were not told."""
    try:
        if answer is not None:
            await deps.response_urls.post(answer, message)
            return
    except ResponseUrlRefused:
        log.info("answered_by_direct_message", user=user)
    try:
        await deps.direct_messages.post(user, message)
    except SlackError as error:
        log.warning("nobody_could_be_told", user=user, error=error.reason)
        deps.metrics.interactions.labels("tell", "unheard").inc()
