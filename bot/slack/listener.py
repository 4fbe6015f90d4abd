"""Between Bolt and us: acknowledge at once, go on in a tracked task, and let no failure pass without words.

An exception that leaves a Bolt listener may undo its acknowledgement, so none ever does: Bolt looks for
the acknowledgement every 10 ms, and a listener that has failed by then has none (its asyncio_runner.py).
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from slack_bolt.async_app import AsyncAck

from bot.core.errors import ConnectbotError
from bot.core.model import Message, UserId
from bot.deps import Deps
from bot.home.home import say_at_home
from bot.people.errors import NotTheirs
from bot.people.views import not_theirs
from bot.profiles.errors import NotMapped
from bot.profiles.views import not_mapped
from bot.slack.errors import ModalNotOpened
from bot.slack.modals import showing
from bot.slack.reply import reply
from bot.slack.requests import Click, Command, Event, Shortcut, Submission
from bot.slack.text import sentence

R = TypeVar("R", Command, Click, Submission, Shortcut, Event)
Listener = Callable[..., Awaitable[None]]
Reader = Callable[..., R]
Handler = Callable[[Deps, R], Awaitable[None]]

BUSY = "I am busy with many requests. Please try again in a moment."
UNKNOWN = "Something went wrong that I don't know (number {}). Please tell an admin."
RESTARTING = "I am being restarted and couldn't finish this. Please try again in a minute."
LAST_WORDS = timedelta(seconds=1)
SAME_REQUEST = timedelta(minutes=10)
"""How long a repeated delivery is recognised; a replayed signature is good for 5 minutes."""

log = structlog.get_logger()


def acknowledged(
    deps: Deps, read: Reader[R], handle: Handler[R], *, named: Callable[[R], str] | None = None
) -> Listener:
    """Make a Bolt listener of a handler: it acknowledges with nothing, and the handler answers in its own time.

    In the figures it goes by the handler's name, or as `named` has it.
    """

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        request = read_or_count(deps, read, body, interaction=handle.__name__)
        if request is None:
            await ack()
            return
        interaction = named(request) if named else handle.__name__
        if deps.background.full(request.user):
            deps.metrics.interactions.labels(interaction, "busy").inc()
            await ack(BUSY)  # shown for a command; Slack shows nothing of a click's acknowledgement
            return
        await ack()
        deps.background.start(_answered(deps, handle, request, interaction=interaction), whose=request.user)

    return listener


def read_or_count(deps: Deps, read: Reader[R], body: Mapping[str, Any], *, interaction: str) -> R | None:
    """Read what Slack sent; return None, and count it, where it isn't what Slack says it sends."""
    try:
        return read(body, now=deps.clock.now())
    except (KeyError, TypeError, IndexError, AttributeError):
        log.warning("unreadable_request", interaction=interaction)
        deps.metrics.interactions.labels(interaction, "unreadable").inc()
        return None


async def _answered(deps: Deps, handle: Handler[R], request: R, *, interaction: str) -> None:
    request_id = secrets.token_hex(4)
    with structlog.contextvars.bound_contextvars(request=request_id), deps.metrics.timed_own_share(interaction):
        outcome = await _outcome(deps, handle, request, request_id=request_id)
    deps.metrics.interactions.labels(interaction, outcome).inc()


async def _outcome(deps: Deps, handle: Handler[R], request: R, *, request_id: str) -> str:
    try:
        if not await first_delivery(deps, request):
            return "repeated"
        await handle(deps, request)
    except ConnectbotError as error:
        log.info("refused", kind=error.kind, team=request.team, user=request.user)
        if not error.told:
            await _say(deps, request, words_for(error, request.user))
        return error.kind
    except asyncio.CancelledError as cut_short:
        last_words = _say(deps, request, sentence(str(cut_short) or RESTARTING))
        await asyncio.wait_for(last_words, LAST_WORDS.total_seconds())
        raise
    except Exception:
        log.exception("unexpected_failure", number=request_id)
        await _say(deps, request, sentence(UNKNOWN.format(request_id)))
        return "unexpected"
    return "ok"


async def _say(deps: Deps, request: Command | Click | Submission | Shortcut | Event, message: Message) -> None:
    if isinstance(request, Click | Event) and request.at_home:
        await say_at_home(deps, request.user, message)
        return
    if isinstance(request, Event):
        return  # nobody waits for an answer to what merely happened
    if isinstance(request, Click) and request.in_modal:
        try:
            await deps.views.push(request.trigger_id, showing(message))
            return
        except ModalNotOpened:
            log.info("answered_by_direct_message", user=request.user)
    await reply(deps, request.user, request.response_url, message)


async def first_delivery(deps: Deps, request: R) -> bool:
    """Tell whether this is not the second delivery of the same request."""
    what = f"trigger:{request.trigger_id}"
    return not request.trigger_id or await deps.idempotency.claim(request.team, what, within=SAME_REQUEST)


def words_for(error: ConnectbotError, user: UserId) -> Message:
    """Return what somebody is told of a failure, with a button where there is another way to what they want."""
    if isinstance(error, NotMapped) and error.owner == user:
        return not_mapped(error.sentence)
    if isinstance(error, NotTheirs):
        return not_theirs(error.sentence, owner=error.owner)
    return sentence(error.sentence)
