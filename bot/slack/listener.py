"""The boundary between Bolt and us: it acknowledges at once, works in a tracked task, and answers every failure.

An exception that leaves a Bolt listener may undo its acknowledgement, so none ever does: Bolt looks for
the acknowledgement every 10 ms, and a listener that has failed by then has none (its asyncio_runner.py).
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from slack_bolt.async_app import AsyncAck

from bot.core.background import Interrupted, issued
from bot.core.budget import begin_budget
from bot.core.errors import ConnectbotError, NextStep, Reported
from bot.core.model import Message
from bot.deps import Deps
from bot.slack import views
from bot.slack.actions import ASK_COLLEAGUE
from bot.slack.blocks import REFUSED, loading, notice, pressed_again, refusal, sentence, showing, typed_again
from bot.slack.bolt_dispatch import Refuses
from bot.slack.delivery import reply, show_at_home
from bot.slack.errors import ModalClosed, ModalNotOpened, ResponseUrlRefused, Restarting, SlackError
from bot.slack.model import Modal, ResponseUrl, ViewId
from bot.slack.requests import Click, Command, Shortcut, SlackEvent, Submission, read_click
from bot.storage.errors import StoreUnavailable

R = TypeVar("R", Command, Click, Submission, Shortcut, SlackEvent)
Listener = Callable[..., Awaitable[None]]
Reader = Callable[..., R]
Handler = Callable[[Deps, R], Awaitable[None]]
Ahead = Callable[[Deps, R], None]
Drawing = Callable[[], Awaitable[Modal]]
"""What fills a modal that is open already."""

LAST_WORDS = timedelta(seconds=1)
"""How long telling a person about a restart may take."""
SAME_REQUEST = timedelta(minutes=10)
"""How long a repeated delivery is recognised; a replayed signature is good for 5 minutes."""
SAID_AGAIN = timedelta(minutes=1)
"""After which somebody is told once more that they have asked for too many modals."""

log = structlog.get_logger()


def nothing_ahead(_deps: Deps, _request: R) -> None:
    """Begin nothing before it is known whether a request is repeated."""


def acknowledged(
    deps: Deps,
    read: Reader[R],
    handle: Handler[R],
    *,
    named: Callable[[R], str] | None = None,
    repeatable: bool = False,
    ahead: Ahead[R] = nothing_ahead,
) -> Listener:
    """Return a Bolt listener that acknowledges with nothing and runs the handler in the background.

    Metrics carry the handler's name, or what `named` returns. A repeated delivery is left out unless it is
    `repeatable`: doing it a second time changes nothing. `ahead` begins what Redis is asked together with that.
    """

    async def listener(ack: AsyncAck, body: Mapping[str, Any]) -> None:
        request = read_or_count(deps, read, body, interaction=handle.__name__)
        if request is None:
            await ack()
            return
        interaction = named(request) if named else handle.__name__
        if deps.background.full(request.user):
            deps.metrics.interactions.labels(interaction, "busy").inc()
            await ack(views.busy())  # shown for a command; Slack shows nothing of a click's acknowledgement
            return
        await ack()
        answered = _answered(deps, handle, request, ahead, interaction=interaction, repeatable=repeatable)
        deps.background.start(answered, person=request.user)

    return listener


def refusing(deps: Deps) -> Refuses:
    """Return what has the words for a workspace that the bot doesn't serve, and answers a click with them.

    Such a click may come from a channel that is shared with such a workspace. A command's acknowledgement shows them.
    """

    async def refuses(body: Mapping[str, Any]) -> str | None:
        words = await deps.slack.refuses(body)
        if words is not None and body.get("type") == "block_actions":
            click = read_or_count(deps, read_click, body, interaction="refused")
            if click and click.response_url:
                deps.background.start(_answer(deps, click.response_url, sentence(words)), person=click.user)
        return words

    return refuses


async def _answer(deps: Deps, response_url: ResponseUrl, message: Message) -> None:
    with suppress(ResponseUrlRefused):
        await deps.response_urls.post(response_url, message)


async def push(deps: Deps, click: Click, modal: Modal) -> None:
    """Open a modal on top of the one that was clicked in; raise AskedTooOften, ModalNotOpened, SlackError."""
    await deps.limits.count(click.team, click.user, "views")
    await deps.views.push(click.team, click.trigger_id, modal)


@asynccontextmanager
async def modal_session(deps: Deps, request: Command | Click, *, title: str) -> AsyncIterator[ViewId]:
    """Open a modal at once, since a trigger lasts three seconds, and yield it to be filled; failures are shown in it.

    What was pressed in a modal is shown in that one. Raises Reported where it has shown a failure, and AskedTooOften.
    """
    await deps.limits.count(request.team, request.user, "views")
    view = await _loading(deps, request, title=title)
    try:
        yield view
    except ConnectbotError as error:
        message = refusal(error, request.user, again=_again(request))
        await deps.views.update(request.team, view, showing(message, title=title, name=REFUSED))
        raise Reported(error) from error
    except BaseException:
        with suppress(ModalClosed, SlackError):
            await deps.views.update(request.team, view, notice(views.unfinished(), title=title))
        raise


async def _loading(deps: Deps, request: Command | Click, *, title: str) -> ViewId:
    view = _modal(request)
    if view is None:
        return await deps.views.open(request.team, request.trigger_id, loading(title=title))
    await deps.views.update(request.team, view, loading(title=title))
    return view


def read_or_count(deps: Deps, read: Reader[R], body: Mapping[str, Any], *, interaction: str) -> R | None:
    """Read what Slack sent; return None, and count it, if a field that Slack documents is missing."""
    try:
        return read(body, now=deps.clock.now())
    except (KeyError, TypeError, IndexError, AttributeError):
        log.warning("unreadable_request", interaction=interaction)
        deps.metrics.interactions.labels(interaction, "unreadable").inc()
        return None


async def first_delivery(deps: Deps, request: R) -> bool:
    """Return whether this request is handled for the first time."""
    key = f"trigger:{request.trigger_id}"
    return not request.trigger_id or await deps.idempotency.claim(request.team, key, within=SAME_REQUEST)


async def _answered(
    deps: Deps, handle: Handler[R], request: R, ahead: Ahead[R], *, interaction: str, repeatable: bool
) -> None:
    request_id = secrets.token_hex(4)
    begin_budget()
    with structlog.contextvars.bound_contextvars(request=request_id), deps.metrics.timed_own_share(interaction):
        outcome = await _outcome(deps, handle, request, ahead, request_id=request_id, repeatable=repeatable)
    deps.metrics.interactions.labels(interaction, outcome).inc()


async def _outcome(
    deps: Deps, handle: Handler[R], request: R, ahead: Ahead[R], *, request_id: str, repeatable: bool
) -> str:
    request = await in_own_workspace(deps, request)
    deps.people.begin_request(request.team, request.user)
    ahead(deps, request)
    await issued()
    try:
        if not (repeatable or await first_delivery(deps, request)):
            return "repeated"
        await handle(deps, request)
    except (ConnectbotError, Reported) as error:
        return await _failed(deps, request, error)
    except asyncio.CancelledError as cut_short:
        failure = cut_short.failure if isinstance(cut_short, Interrupted) else Restarting()
        await asyncio.wait_for(_refuse(deps, request, failure), LAST_WORDS.total_seconds())
        raise
    except Exception:
        log.exception("unexpected_failure", number=request_id)
        await _say(deps, request, sentence(views.unexpected(request_id)))
        return "unexpected"
    return "ok"


async def in_own_workspace(deps: Deps, request: R) -> R:
    """Return a click or shortcut as one in our workspace: from a shared channel it may name the other one only.

    What comes from a view names ours, too.
    """
    if isinstance(request, Command | SlackEvent | Submission):
        return request
    if getattr(request, "view", None) is not None:
        return request
    try:
        return replace(request, team=await deps.people.own_team(request.team))
    except SlackError:
        return request  # whoever needs Slack will say so


async def _failed(deps: Deps, request: R, error: ConnectbotError | Reported) -> str:
    failure = error.failure if isinstance(error, Reported) else error
    log.info("refused", kind=failure.kind, team=request.team, user=request.user)
    if not isinstance(error, Reported) and not _closed_modal(request, failure):
        await _refuse(deps, request, failure)
    return failure.kind


async def _refuse(
    deps: Deps, request: Command | Click | Submission | Shortcut | SlackEvent, failure: ConnectbotError
) -> None:
    still_there = isinstance(request, Click) and request.view is None  # the button, on the message above
    message = refusal(failure, request.user, again=None if still_there else _again(request))
    if failure.passes and isinstance(request, Click) and request.in_modal and not request.button:
        message = sentence(f"{message.text} {views.choose_again()}")
    await _say(deps, request, message, way_back=not failure.shuts_out)


def _again(request: Command | Click | Submission | Shortcut | SlackEvent) -> NextStep | None:
    """Return what does the same again: the command, or the button that was pressed."""
    if isinstance(request, Command):
        return typed_again(request.text)
    if isinstance(request, Shortcut):
        return NextStep(ASK_COLLEAGUE)  # which opens the same form
    return pressed_again(request.button, request.value) if isinstance(request, Click) and request.button else None


def _modal(request: Command | Click | Submission | Shortcut | SlackEvent) -> ViewId | None:
    """Return the modal in which something was pressed."""
    if isinstance(request, Command):
        return request.view
    return request.view if isinstance(request, Click) and request.in_modal else None


def _closed_modal(request: Command | Click | Submission | Shortcut | SlackEvent, failure: ConnectbotError) -> bool:
    """Return whether someone has closed the modal that they clicked in: they wait for no answer."""
    return isinstance(failure, ModalClosed) and isinstance(request, Click) and request.in_modal


async def _say(
    deps: Deps,
    request: Command | Click | Submission | Shortcut | SlackEvent,
    message: Message,
    *,
    way_back: bool = True,
) -> None:
    if isinstance(request, SlackEvent) and not (request.at_home or request.is_message):
        return  # nobody waits for an answer
    if isinstance(request, Click | SlackEvent) and not await _may_be_shown(deps, request):
        return
    if isinstance(request, Click | SlackEvent) and request.at_home:
        metadata = request.metadata if isinstance(request, Click) else ""
        await show_at_home(deps, request.team, request.user, message, metadata=metadata, way_back=way_back)
        return
    if isinstance(request, Click) and request.in_modal:
        try:
            await _say_in_modal(deps, request, message)
            return
        except (ModalNotOpened, ModalClosed, SlackError):
            log.info("answered_by_direct_message", user=request.user)
    await reply(deps, request.team, request.user, request.response_url, message)


async def _may_be_shown(deps: Deps, request: Click | SlackEvent) -> bool:
    """Count a modal or a Home tab that shows a refusal; where there were too many, say so, in a direct message once."""
    if not (request.at_home or getattr(request, "in_modal", False)):
        return True
    try:
        await deps.limits.count(request.team, request.user, "views")
    except StoreUnavailable:
        return True  # which is what the refusal says
    except ConnectbotError as too_many:
        if await deps.idempotency.claim(request.team, f"told_of_limit:{request.user}", within=SAID_AGAIN):
            await reply(deps, request.team, request.user, None, sentence(too_many.sentence))
        return False
    return True


async def _say_in_modal(deps: Deps, click: Click, message: Message) -> None:
    """Show a message on top of the modal that was clicked in, or in it if it only says what went wrong before."""
    shown = showing(message, name=REFUSED, metadata=click.metadata)
    if click.view is not None and click.view_name == REFUSED:
        await deps.views.update(click.team, click.view, shown)
    else:
        await deps.views.push(click.team, click.trigger_id, shown)
