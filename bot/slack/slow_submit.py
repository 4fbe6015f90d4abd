"""A modal's submit that may take longer than Slack waits: it goes on, and its result is drawn when it is there."""

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from bot.core.errors import ConnectbotError
from bot.core.model import Message, UserId
from bot.deps import Deps
from bot.slack.errors import ModalClosed, SlackError
from bot.slack.listener import LAST_WORDS, RESTARTING, UNKNOWN
from bot.slack.modal import Modal
from bot.slack.modals import showing
from bot.slack.model import ViewId
from bot.slack.reply import reply
from bot.slack.requests import Submission
from bot.slack.text import sentence

IN_TIME = timedelta(seconds=1.7)
"""What a submit may take altogether; it is given up after two seconds (submissions.py)."""
SETTLED = timedelta(seconds=1)
"""Slack draws what a submit was answered with; drawn over too soon, that would win."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Result:
    """What to show in the window, and the words for it where the window is closed."""

    modal: Modal
    words: str


def showing_result(message: Message, *, title: str) -> Result:
    """Show a message in the window of that title."""
    return Result(showing(message, title=title), message.text)


def saying(words: str, *, title: str) -> Result:
    """Say one thing in the window of that title."""
    return showing_result(sentence(words), title=title)


Work = Coroutine[Any, Any, Result]
Failed = Callable[[str], Result]


async def in_time_or_later(
    deps: Deps, submission: Submission, work: Work, *, meanwhile: Modal, failed: Failed
) -> Modal:
    """Return the result, or `meanwhile` where it isn't there in time, and draw it later.

    Raises what the work raises; later on, a failure is drawn as `failed` has its sentence.
    """
    answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    deps.background.start(_work(deps, submission, work, answer, failed), whose=submission.user)
    left = submission.arrived + IN_TIME.total_seconds() - time.monotonic()
    try:
        await asyncio.wait({answer}, timeout=max(0.0, left))
        return answer.result().modal if answer.done() else meanwhile
    finally:
        answer.cancel()  # if it is still open: from here on nobody waits for it


async def show(deps: Deps, view: ViewId, user: UserId, result: Result) -> None:
    """Draw a result in its window, else say it in a direct message."""
    try:
        await deps.views.update(view, result.modal)
    except (ModalClosed, SlackError):
        await reply(deps, user, None, sentence(result.words))


async def _work(deps: Deps, submission: Submission, work: Work, answer: asyncio.Future[Result], failed: Failed) -> None:
    try:
        result, error = await _outcome(work, failed)
        if answer.done():
            deps.metrics.interactions.labels("late_result", error.kind if error else "ok").inc()
            await deps.clock.sleep_until(deps.clock.now() + SETTLED)
    except asyncio.CancelledError:
        last_words = show(deps, submission.view, submission.user, failed(RESTARTING))
        await asyncio.wait_for(last_words, LAST_WORDS.total_seconds())
        raise
    if answer.done():
        await show(deps, submission.view, submission.user, result)
    elif error:
        answer.set_exception(error)
    else:
        answer.set_result(result)


async def _outcome(work: Work, failed: Failed) -> tuple[Result, ConnectbotError | None]:
    try:
        return await work, None
    except ConnectbotError as error:
        return failed(error.sentence), error
    except Exception:
        number = secrets.token_hex(4)
        log.exception("unexpected_failure", number=number)
        return failed(UNKNOWN.format(number)), None
