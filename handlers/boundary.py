"""Between Bolt and us: acknowledge at once, go on in a tracked task, and let no failure pass without words.

An exception that leaves a Bolt listener may undo its acknowledgement, so none ever does (reference: Bolt's traps, 1).
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from slack_bolt.async_app import AsyncAck

from bot.deps import Deps
from bot.errors import AnswerRefused, ConnectbotError
from bot.model import Answer
from bot.views.answers import sentence
from handlers.requests import Click, Command

R = TypeVar("R", Command, Click)
Listener = Callable[..., Awaitable[None]]
Reader = Callable[..., R]
Handler = Callable[[Deps, R], Awaitable[None]]

RESTARTING = "I am being restarted and couldn't finish this. Please try again in a minute."
LAST_WORDS = timedelta(seconds=1)

log = structlog.get_logger()


def acknowledged(deps: Deps, read: Reader[R], handle: Handler[R]) -> Listener:
    """Make a Bolt listener of a handler: it acknowledges with nothing, and the handler answers in its own time."""

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        await ack()
        deps.background.start(_answered(deps, read, handle, body))

    return listener


async def _answered(deps: Deps, read: Reader[R], handle: Handler[R], body: Mapping[str, Any]) -> None:
    answer: Answer | None = None
    try:
        request = read(body, now=deps.clock.now())
        answer = request.answer
        await handle(deps, request)
    except ConnectbotError as error:
        log.info("refused", kind=error.kind)
        await _say(deps, answer, error.sentence)
    except asyncio.CancelledError:
        await asyncio.wait_for(_say(deps, answer, RESTARTING), LAST_WORDS.total_seconds())
        raise
    except Exception:
        number = secrets.token_hex(4)
        log.exception("unexpected_failure", number=number)
        await _say(deps, answer, f"Something went wrong that I don't know (number {number}). Please tell an admin.")


async def _say(deps: Deps, answer: Answer | None, text: str) -> None:
    if answer is None:
        return
    try:
        await deps.answers.post(answer, sentence(text))
    except AnswerRefused:
        log.warning("nobody_could_be_told")
