"""A modal's submit: its acknowledgement is the answer, so that errors can stand under fields; slow work goes on.

https://docs.slack.dev/surfaces/modals
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck

from bot.core.budget import begin_budget
from bot.core.errors import ConnectbotError
from bot.core.model import Message
from bot.deps import Deps
from bot.slack.blocks import refusal, sentence, showing, warned
from bot.slack.delivery import reply
from bot.slack.errors import ModalClosed, Restarting, SlackError
from bot.slack.listener import LAST_WORDS, Listener, first_delivery, read_or_count
from bot.slack.model import FieldErrors, Modal, Reply
from bot.slack.requests import Submission, read_submission
from bot.slack.surfaces import view_json
from bot.slack.text import without_mentions
from bot.slack.views import press_again, too_slow, unexpected

TIMEOUT = timedelta(seconds=2)
"""How long a submit may take, of Slack's three seconds."""
IN_TIME = timedelta(seconds=1.7)
"""How long work may take whose result is the answer to the submit; it leaves time to show something else instead."""
SETTLED = timedelta(seconds=1)
"""Slack may apply the acknowledgement after our update; wait this long, so that it can't overwrite the result."""

Submit = Callable[[Deps, Submission], Awaitable[Reply]]
FieldOf = Callable[[Submission, Exception], str]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Result:
    """What the modal shows, and the message that is sent if it is closed."""

    modal: Modal
    message: Message


Work = Coroutine[Any, Any, Result]
Failed = Callable[[str], Result]


def showing_result(message: Message, *, title: str) -> Result:
    """Show a message in the modal of that title."""
    return Result(showing(message, title=title), message)


def saying(words: str, *, title: str) -> Result:
    """Show one sentence in the modal of that title."""
    return showing_result(sentence(words), title=title)


def submitted(deps: Deps, handle: Submit, *, field: str | FieldOf = "") -> Listener:
    """Return a Bolt listener that answers a submit with what the handler returns.

    A failure is shown under the input of the block `field`, which may depend on the submission and the failure. If
    there is no such block it stands above the modal, or takes its place where submitting again can't help.
    """

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        submission = read_or_count(deps, read_submission, body, interaction=handle.__name__)
        if submission is None:
            await ack()
            return
        request_id = secrets.token_hex(4)
        begin_budget()
        with structlog.contextvars.bound_contextvars(request=request_id), deps.metrics.timed_own_share(handle.__name__):
            answer, outcome = await _answer(deps, handle, submission, field=field, request_id=request_id)
        deps.metrics.interactions.labels(handle.__name__, outcome).inc()
        await ack(**_response(answer))

    return listener


def asking_again(submission: Submission) -> Failed:
    """Return what draws a modal without inputs as it was, below what went wrong."""
    return lambda reason: Result(warned(submission.modal, reason), sentence(reason))


async def in_time_or_later(
    deps: Deps, submission: Submission, work: Work, *, meanwhile: Modal, failed: Failed
) -> Modal:
    """Return the result if the work is done in time; else return `meanwhile`, and draw the result later.

    Raises what the work raises in time. A later failure is drawn as `failed` renders its sentence.
    """
    answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    deps.background.start(_work(deps, submission, work, answer, failed), person=submission.user)
    left = submission.arrived + IN_TIME.total_seconds() - time.monotonic()
    try:
        await asyncio.wait({answer}, timeout=max(0.0, left))
        return answer.result().modal if answer.done() else meanwhile
    finally:
        answer.cancel()  # a future that is still open tells the work that its result comes late


async def show(deps: Deps, submission: Submission, result: Result) -> None:
    """Draw a result in its modal, else send its message in a direct one."""
    try:
        await deps.views.update(submission.team, submission.view, result.modal)
    except (ModalClosed, SlackError):
        await reply(deps, submission.team, submission.user, None, result.message)


async def _answer(
    deps: Deps, handle: Submit, submission: Submission, *, field: str | FieldOf, request_id: str
) -> tuple[Reply, str]:
    def failed(error: Exception, words: str) -> Reply:
        block = field if isinstance(field, str) else field(submission, error)
        said = _with_way_on(submission, error, words)
        if block:
            return FieldErrors({block: without_mentions(said)})
        if isinstance(error, ConnectbotError) and not error.passes:
            return showing(refusal(error, submission.user), title=submission.modal.title)
        return warned(submission.modal, said)

    try:
        async with asyncio.timeout(TIMEOUT.total_seconds()):
            deps.people.begin_request(submission.team, submission.user)
            if not await first_delivery(deps, submission):
                return None, "repeated"
            return await handle(deps, submission), "ok"
    except TimeoutError as error:
        return failed(error, too_slow()), "too_slow"
    except ConnectbotError as error:
        log.info("refused", kind=error.kind, team=submission.team, user=submission.user)
        return failed(error, error.sentence), error.kind
    except Exception as error:
        log.exception("unexpected_failure", number=request_id)
        return failed(error, unexpected(request_id)), "unexpected"


def _with_way_on(submission: Submission, error: Exception, words: str) -> str:
    """Add that the modal can be submitted again, where that may help."""
    if not (isinstance(error, TimeoutError) or (isinstance(error, ConnectbotError) and error.passes)):
        return words
    return f"{words} {press_again(submission.modal.submit or 'Submit', filled_in=bool(submission.entered))}"


def _response(answer: Reply) -> dict[str, Any]:
    if answer is None:
        return {}
    if isinstance(answer, FieldErrors):
        return {"response_action": "errors", "errors": dict(answer.by_field)}
    return {"response_action": "update", "view": view_json(answer)}


async def _work(deps: Deps, submission: Submission, work: Work, answer: asyncio.Future[Result], failed: Failed) -> None:
    try:
        result, error = await _outcome(submission, work, failed)
        if answer.done():
            deps.metrics.interactions.labels("late_result", error.kind if error else "ok").inc()
            await deps.clock.sleep_until(deps.clock.now() + SETTLED)
    except asyncio.CancelledError:
        last_words = show(deps, submission, _failed_late(submission, failed, Restarting()))
        await asyncio.wait_for(last_words, LAST_WORDS.total_seconds())
        raise
    if answer.done():
        await show(deps, submission, result)
    elif error:
        answer.set_exception(error)
    else:
        answer.set_result(result)


async def _outcome(submission: Submission, work: Work, failed: Failed) -> tuple[Result, ConnectbotError | None]:
    try:
        return await work, None
    except ConnectbotError as error:
        return _failed_late(submission, failed, error), error
    except Exception:
        number = secrets.token_hex(4)
        log.exception("unexpected_failure", number=number)
        return failed(unexpected(number)), None


def _failed_late(submission: Submission, failed: Failed, error: ConnectbotError) -> Result:
    """Return the form with what went wrong and the way on; in a message, where there is no form, what went wrong."""
    said = _with_way_on(submission, error, error.sentence)
    return replace(failed(said), message=failed(error.sentence).message)
