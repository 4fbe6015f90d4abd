"""Updates a card: applies a transition to its newest version, then redraws the message or the modal that shows it.

Two drawings of a card never overlap, and each draws the newest version: an older one can't overwrite a newer one.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.cards import schedule
from bot.cards.errors import CardGone
from bot.cards.model import DRAW_GIVE_UP, DRAW_RETRY, MODAL_TICK, Card, CardId
from bot.cards.store import P, ToRedraw, Transition, Updated
from bot.cards.views import card_message, card_modal
from bot.core.budget import end_budget
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.scheduling.job import Job
from bot.slack.client import CALL_TIMEOUT
from bot.slack.errors import MessageGone, ModalClosed, ResponseUrlRefused, SlackError
from bot.slack.model import DirectMessage, ModalRef, ResponseUrl, Surface
from bot.slack.response_url import ATTEMPTS, TIMEOUT_SECONDS
from bot.storage.lock import Attempt

LOCK = "drawing"
LONGEST_POST = timedelta(seconds=ATTEMPTS * (TIMEOUT_SECONDS + 1))
"""More than a post to a `response_url` can take: its timeout for each try, and less than a second between two tries."""
LONGEST_CALL = 2 * CALL_TIMEOUT
"""More than `views.update` or `chat.update` can take, with reading the card before."""

log = structlog.get_logger()


async def update(deps: Deps, card: Card, transition: Transition[P], *args: P.args, **kwargs: P.kwargs) -> Card:
    """Apply a transition to the newest version of a card and return that; raise CardGone if it is no longer kept."""
    changed = await update_if(deps, card, transition, *args, **kwargs)
    if changed is None:
        raise CardGone
    return changed


async def update_if(
    deps: Deps, card: Card, transition: Transition[P], *args: P.args, **kwargs: P.kwargs
) -> Card | None:
    """Apply a transition in the same way; return None if it returns None, or the card is no longer kept."""
    changed, planned = await deps.cards.update(card, transition, *args, **kwargs)
    if planned:
        await deps.scheduler.wake(card.team, at=deps.clock.now())
    return changed


async def update_and_plan(
    deps: Deps, card: Card, since: datetime, transition: Transition[P], *args: P.args, **kwargs: P.kwargs
) -> Card:
    """Apply a transition as `update` does, and plan the card's next moment after `since` in the same step."""
    updated = await _update_and_plan(deps, card, lambda newest: transition(newest, *args, **kwargs), since=since)
    if updated.card is None:
        raise CardGone
    return updated.card


async def redraw(deps: Deps, card: Card, transition: Transition[P], *args: P.args, **kwargs: P.kwargs) -> Card | None:
    """Apply a transition, and draw the card that it returns, if any: the next moment is planned in the same step."""
    return await redraw_spaced(deps, card, lambda newest: transition(newest, *args, **kwargs), spacing=None)


async def redraw_spaced(
    deps: Deps, card: Card, change: Callable[[Card], Card | None], *, spacing: timedelta | None
) -> Card | None:
    """Do the same, if the time between two ticks of a modal is known."""
    now, lock = deps.clock.now(), deps.locks.attempt(card.team, _lock_name(card))

    def to_draw(newest: Card) -> Card | None:
        return changed.post_counted() if (changed := change(newest)) else None

    updated = await _update_and_plan(deps, card, to_draw, since=now, lock=lock, spacing=spacing)
    if updated.card:
        await _draw(deps, updated.card, now=now, ours=lock if updated.locked else None)
    return updated.card


async def draw(deps: Deps, card: Card) -> bool:
    """Plan a card's next moment and draw it; return False if Slack refused a drawing that its viewer still expects.

    Its post was counted when it was updated, so whatever happens here, none is made twice.
    """
    now = deps.clock.now()
    await plan_next(deps, card, since=now)
    return await _draw(deps, card, now=now)


async def end(deps: Deps, card: Card, transition: Transition[P], *args: P.args, **kwargs: P.kwargs) -> None:
    """Apply a transition that ends a card, and draw the end where its message can be changed."""

    def to_draw(newest: Card) -> Card | None:
        ended = transition(newest, *args, **kwargs)
        return ended if ended and ended.needs_redraw and schedule.can_redraw(ended, now=deps.clock.now()) else None

    if await redraw(deps, card, to_draw) is None:
        await update(deps, card, transition, *args, **kwargs)


async def show_end(deps: Deps, card: Card) -> None:
    """Draw a card that has ended, unless that is drawn already or its message can't be changed."""
    if schedule.can_redraw(card, now=deps.clock.now()):
        await redraw(deps, card, undrawn)


def undrawn(card: Card) -> Card | None:
    """Return a card whose end isn't drawn yet."""
    return card if card.needs_redraw else None


async def get_unless_drawn(deps: Deps, team: TeamId, card_id: CardId, job: Callable[[Card], Job]) -> ToRedraw | None:
    """Return a card, unless it is being drawn: a wait may outlast the lease of its job, which is planned again."""
    lock = f"{LOCK}:{card_id}"
    found, drawn = await asyncio.gather(deps.cards.get_to_redraw(team, card_id), deps.locks.is_held(team, lock))
    if found and drawn:
        await deps.scheduler.plan(team, job(found.card), at=deps.clock.now() + DRAW_RETRY)
    return None if drawn else found


async def draw_dm_card(deps: Deps, card: Card, transition: Transition[P], *args: P.args, **kwargs: P.kwargs) -> None:
    """Redraw a direct message's card by `chat.update`, for which a slot was acquired; raise SlackError if it may pass.

    Whoever changes it meanwhile finds it locked, and queues its drawing.
    """
    now, lock = deps.clock.now(), deps.locks.attempt(card.team, _lock_name(card))
    updated = await _update_and_plan(deps, card, lambda one: transition(one, *args, **kwargs), since=now, lock=lock)
    if updated.card and not updated.locked:
        await _queue_dm_card(deps, updated.card, at=now + DRAW_RETRY)
    elif updated.card:
        await _draw_dm_card(deps, updated.card, now=now, ours=lock)


async def _draw_dm_card(deps: Deps, card: Card, *, now: datetime, ours: Attempt) -> None:
    async with _drawing(deps, card, ours=ours):
        if not isinstance(card.surface, DirectMessage):
            return
        try:
            await deps.direct_messages.update(card.team, card.surface.message, card_message(card, now=now))
        except MessageGone:
            await leave(deps, card)
            return
    if card.needs_redraw:
        await update_if(deps, card, _drawn, version=card.version)


def _drawn(card: Card, *, version: int) -> Card | None:
    """Note that a version is drawn, unless a later one waits to be."""
    return card.drawn() if card.version == version else None


async def close_card(deps: Deps, team: TeamId, *, viewer: UserId, card_id: CardId) -> None:
    """Note that the modal of a card was closed."""
    if card := await deps.cards.get_for(team, card_id, viewer=viewer):
        await leave(deps, card)


async def leave(deps: Deps, card: Card) -> None:
    """Stop drawing a card whose modal was closed, or whose message is gone; at its deadline it ends unseen."""
    if not isinstance(card.surface, ResponseUrl | None):
        await update_if(deps, card, Card.without, card.surface)
        await deps.scheduler.cancel(card.team, card.tick_job)


async def plan_next(deps: Deps, card: Card, *, since: datetime) -> None:
    """Plan the card's next moment after `since`; one that has passed meanwhile is due at once."""
    spacing = MODAL_TICK
    if isinstance(card.surface, ModalRef) and card.state.live:
        spacing = schedule.modal_spacing(await deps.cards.open_modals(card))
    for job, moment in _next_job(card, since=since, spacing=spacing).items():
        await deps.scheduler.plan(card.team, job, at=moment)


async def _update_and_plan(
    deps: Deps,
    card: Card,
    change: Callable[[Card], Card | None],
    *,
    since: datetime,
    lock: Attempt | None = None,
    spacing: timedelta | None = None,
) -> Updated:
    jobs = partial(_next_job, since=since, spacing=spacing)
    updated = await deps.cards.update_and_lock(card, change, jobs=jobs, lock=lock)
    if updated.planned:
        await deps.scheduler.wake(card.team, at=min(updated.planned.values()))
    if updated.card and isinstance(updated.card.surface, ModalRef) and spacing is None:
        await plan_next(deps, updated.card, since=since)
    return updated


def _next_job(card: Card, *, since: datetime, spacing: timedelta | None = None) -> dict[Job, datetime]:
    """Return the card's next job and its moment; without `spacing` none for a modal, whose depends on the others."""
    if spacing is None and isinstance(card.surface, ModalRef):
        return {}
    moment = schedule.next_moment(card, since=since, spacing=spacing or MODAL_TICK)
    return {card.tick_job: moment} if moment is not None and moment < card.link.expires_at else {}


async def _draw(deps: Deps, card: Card, *, now: datetime, ours: Attempt | None = None) -> bool:
    try:
        shown = await _show(deps, card, now=now, ours=ours)
    except ModalClosed:
        await leave(deps, card)
        return True
    except ResponseUrlRefused as refusal:
        if refusal.for_good:
            await update(deps, card, Card.without, card.surface)
        return False
    except SlackError as refusal:
        await _draw_later(deps, card, refusal, since=now)
        return False
    if card.needs_redraw and shown:
        await update_if(deps, card, _drawn, version=card.version)
    elif card.needs_redraw and not isinstance(card.surface, DirectMessage):  # its drawer may have died
        await deps.scheduler.plan(card.team, card.end_job, at=deps.clock.now() + DRAW_RETRY)
    return True


async def _show(deps: Deps, card: Card, *, now: datetime, ours: Attempt | None) -> bool:
    """Show a card, and return whether it is shown by now."""
    if isinstance(card.surface, DirectMessage):
        return await _answer_click(deps, card, card.surface, now=now, ours=ours)
    if card.is_new and isinstance(card.surface, ResponseUrl) and not card.surface.replaces:
        await deps.response_urls.post(card.surface, card_message(card, now=now))
        return True
    async with _drawing(deps, card, wait=_longest_drawing(card.surface), ours=ours) as newest:
        if newest and isinstance(newest.surface, ModalRef):
            await deps.views.update(newest.team, newest.surface.view, card_modal(newest, now=now))
        elif newest and isinstance(newest.surface, ResponseUrl):
            surface = newest.surface
            await deps.response_urls.post(surface, card_message(newest, now=now), replace=surface.replaces)
    return newest is not None


async def _answer_click(deps: Deps, card: Card, surface: DirectMessage, *, now: datetime, ours: Attempt | None) -> bool:
    """Draw a direct message's card through the click that is being answered, or queue it for `chat.update`."""
    async with _drawing(deps, card, ours=ours) as drawn:
        if drawn and surface.response_url is not None:
            try:
                await deps.response_urls.post(surface.response_url, card_message(drawn, now=now), replace=True)
            except ResponseUrlRefused:
                log.info("click_not_answered", card=card.id)
            else:
                end_budget()
                card = await deps.cards.get(card.team, card.id) or drawn
                if card.version == drawn.version:
                    return True
    await _queue_dm_card(deps, card, at=deps.clock.now())
    return False


async def _queue_dm_card(deps: Deps, card: Card, *, at: datetime) -> None:
    await deps.scheduler.plan(card.team, card.tick_job if card.state.live else card.end_job, at=at)


@asynccontextmanager
async def _drawing(
    deps: Deps, card: Card, *, wait: timedelta = timedelta(0), ours: Attempt | None = None
) -> AsyncIterator[Card | None]:
    """Yield the newest version of a card, on the surface to draw, once nobody else draws it.

    If the lock was acquired with the last update, as `ours`, that is this one. Yield None if somebody still draws it
    after `wait`: if that is as long as a drawing can take, theirs began after this card was updated, and shows it.
    """
    longest = _longest_drawing(card.surface)
    async with deps.locks.hold(card.team, _lock_name(card), longest=longest, wait=wait, ours=ours) as acquired:
        newest = await deps.cards.get(card.team, card.id) if acquired and not ours else None
        if newest is not None:
            yield replace(newest, surface=card.surface)
        else:
            yield card if acquired else None


def _lock_name(card: Card) -> str:
    return f"{LOCK}:{card.id}"


def _longest_drawing(surface: Surface | None) -> timedelta:
    url = surface.response_url if isinstance(surface, DirectMessage) else surface
    return LONGEST_POST if isinstance(url, ResponseUrl) else LONGEST_CALL


async def _draw_later(deps: Deps, card: Card, refusal: SlackError, *, since: datetime) -> None:
    """Plan to draw an end that Slack refused, after the pause that it asks for or a growing one; ticks go on anyway."""
    if card.state.live:
        return
    if refusal.retryable and since < card.link.expires_at + DRAW_GIVE_UP:
        pause = refusal.retry_after or max(DRAW_RETRY, (since - card.link.expires_at) / 2)
        await deps.scheduler.cancel(card.team, card.tick_job)
        await deps.scheduler.plan(card.team, card.end_job, at=since + pause)
    else:
        await leave(deps, card)
