"""How a message reaches a person: as an answer, at Home, or as a direct message that is never posted twice."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeVar

import structlog

from bot.core.metrics import external_wait
from bot.core.model import Message, TeamId, UserId
from bot.deps import Deps
from bot.slack.blocks import home_notice, notice, section, sentence
from bot.slack.errors import MessageGone, MessagesTabDisabled, ModalClosed, ResponseUrlRefused, SlackAway, SlackError
from bot.slack.model import DirectMessage, Home, MessageRef, Modal, ModalRef, ResponseUrl, Surface
from bot.slack.views import still_trying

SILENCE = timedelta(seconds=2.5)
"""How long a person waits before they are told that the work goes on: Ayrshare may take 15 s."""
LATE_POST = timedelta(seconds=30)
"""How long after a post that Slack didn't answer its message may still appear."""
SPACING = timedelta(seconds=1.5)
"""Between two posts to one person: Slack takes one a second, and they don't travel equally fast.

https://docs.slack.dev/apis/web-api/rate-limits
"""

T = TypeVar("T")

log = structlog.get_logger()


async def reply(deps: Deps, team: TeamId, user: UserId, response_url: ResponseUrl | None, message: Message) -> None:
    """Answer through a response URL, else in a direct message; log where neither works."""
    try:
        if response_url is not None:
            await deps.response_urls.post(response_url, message)
            return
    except ResponseUrlRefused:
        log.info("answered_by_direct_message", user=user)
    try:
        await deps.direct_messages.post(team, user, message)
    except SlackError as error:
        _count_undelivered(deps, user, error)


async def show_at_home(
    deps: Deps, team: TeamId, user: UserId, message: Message, *, metadata: str = "", way_back: bool = True
) -> None:
    """Show a message in place of the person's Home tab, whose `metadata` stays; log where that fails."""
    try:
        await deps.views.publish(team, user, home_notice(message, metadata=metadata, way_back=way_back))
    except SlackError as error:
        _count_undelivered(deps, user, error)


async def with_progress_notice(deps: Deps, team: TeamId, surface: Surface, work: Coroutine[Any, Any, T]) -> T:
    """Return what the work returns; say once that it goes on if it takes longer than 2.5 s."""
    until = deps.clock.now() + SILENCE
    working, waiting = asyncio.create_task(work), asyncio.create_task(deps.clock.sleep_until(until))
    try:
        with external_wait():
            await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await _say_still_trying(deps, team, surface)
            return await working
    finally:
        working.cancel()
        waiting.cancel()


async def deliver_once(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> MessageRef:
    """Post a message, unless an earlier call with the same mark did; return where it stands.

    If an earlier call was cut short, the direct message is read before anything is posted again. Two calls at once
    may both post: a job is leased to one process at a time. Raises SlackError.
    """
    return await _earlier(deps, team, user, mark) or await _post(deps, team, user, message, mark=mark)


async def deliver_newest(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> MessageRef | None:
    """Post a message, or update the one that an earlier call with the same mark posted; return where it stands.

    Return None if another message was just posted to this person: the job tries again after SPACING.
    Raises SlackError.
    """
    earlier = await _earlier(deps, team, user, mark)
    if earlier is not None:
        await deps.direct_messages.update(team, earlier, message)
        return earlier
    if not await deps.idempotency.claim(team, f"posted_to:{user}", within=SPACING):
        await deps.outbox.drop(team, mark)
        return None
    return await _post(deps, team, user, message, mark=mark)


async def keep_up_to_date(
    deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str, posted: MessageRef | None
) -> MessageRef | None:
    """Update a message that was posted, or post it; return None as `deliver_newest` does. Raises SlackError.

    Where Slack takes no direct messages, a person who was promised one reads it elsewhere, once.
    """
    if posted is None:
        try:
            return await deliver_newest(deps, team, user, message, mark=mark)
        except MessagesTabDisabled as error:
            await _say_elsewhere(deps, team, user, error, message)
            raise
    try:
        await deps.direct_messages.update(team, posted, message)
    except MessageGone as error:
        log.info("message_gone", mark=mark, error=error.reason)
    return posted


def fingerprint(drawn: Message | Home | Modal) -> str:
    """Return what tells one drawing of a message, a Home tab or a modal from another."""
    metadata = "" if isinstance(drawn, Message) else drawn.metadata
    return sha256(json.dumps([drawn.blocks, metadata], sort_keys=True).encode()).hexdigest()[:16]


async def _say_elsewhere(deps: Deps, team: TeamId, user: UserId, error: SlackError, message: Message) -> None:
    promised, response_url = await deps.promises.take(team, user)
    told = Message(error.sentence, (section(error.sentence), *message.blocks))
    if response_url:
        with suppress(ResponseUrlRefused):
            await deps.response_urls.post(response_url, told)
    elif promised:
        await show_at_home(deps, team, user, told)


async def _earlier(deps: Deps, team: TeamId, user: UserId, mark: str) -> MessageRef | None:
    """Return where the message with a mark stands; if nowhere, record the intent to post it and return None.

    Raises SlackAway while Slack may still accept an earlier post that it didn't answer.
    """
    now = deps.clock.now()
    begun = await deps.outbox.begin(team, mark, at=now)
    if begun is None or isinstance(begun, MessageRef):
        return begun
    found = await deps.direct_messages.find(team, user, mark)
    if found is not None:
        await deps.outbox.posted(team, mark, found)
        return found
    if timedelta(0) <= now - begun < LATE_POST:
        raise SlackAway("post_unsettled", retry_after=max(LATE_POST - (now - begun), SPACING))
    await deps.outbox.begin_again(team, mark, at=now)
    return None


async def _post(deps: Deps, team: TeamId, user: UserId, message: Message, *, mark: str) -> MessageRef:
    try:
        posted = await deps.direct_messages.post(team, user, message, mark=mark)
    except SlackAway as error:
        if error.answered:
            await deps.outbox.begin_again(team, mark, at=deps.clock.now() - LATE_POST)  # it won't appear late
        raise
    except SlackError:
        await deps.outbox.drop(team, mark)
        raise
    await deps.outbox.posted(team, mark, posted)
    return posted


async def _say_still_trying(deps: Deps, team: TeamId, surface: Surface) -> None:
    try:
        if isinstance(surface, ModalRef):
            await deps.views.update(team, surface.view, notice(still_trying()))
        elif (response_url := surface.response_url if isinstance(surface, DirectMessage) else surface) is not None:
            await deps.response_urls.post(response_url, sentence(still_trying()))
    except (ResponseUrlRefused, SlackError, ModalClosed):
        return  # the result of the work is shown by another way


def _count_undelivered(deps: Deps, user: UserId, error: SlackError) -> None:
    log.warning("message_not_delivered", user=user, error=error.reason)
    deps.metrics.interactions.labels("reply", "undelivered").inc()
