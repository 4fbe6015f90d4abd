"""The one way in which cards change: a step is kept only if nobody else changed the card meanwhile, then drawn."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.cards import schedule as countdown
from bot.cards import transitions as steps
from bot.cards.errors import CardGone
from bot.cards.model import DRAW_RECEIPT, Card, CardId
from bot.cards.store import CardStore
from bot.cards.views import card_message, card_window
from bot.core.model import TeamId, UserId
from bot.deps import Deps
from bot.scheduling.job import Job
from bot.slack.errors import MessageGone, ModalClosed, ResponseUrlRefused, SlackError
from bot.slack.model import DirectMessage, ModalRef, ResponseUrl

AGAIN, GIVE_UP = timedelta(seconds=1), timedelta(minutes=10)
"""Between tries to draw an end that Slack refuses: at first, and after the deadline altogether."""

DRAWING = timedelta(seconds=5)
"""How long one drawing may keep others from the same message."""
LOOK_AGAIN = 0.05
"""Seconds between two looks whether the message is free."""

Step = Callable[[Card], Card]
Try = Callable[[Card], Card | None]

log = structlog.get_logger()


async def get(deps: Deps, team: TeamId, card_id: CardId, *, viewer: UserId) -> Card:
    """Return a card to the one who sees it; raise CardGone to anybody else, or once it is forgotten."""
    card = await deps.cards.get(team, card_id)
    if card is None or card.viewer != viewer:
        raise CardGone(deps.settings.connect_command)
    return card


async def change(deps: Deps, card: Card, step: Step) -> Card:
    """Apply a step to a card, or to its newest version if it is no longer that; raise CardGone if it is forgotten."""
    changed = await change_if(deps, card, step)
    if changed is None:
        raise CardGone(deps.settings.connect_command)
    return changed


async def change_if(deps: Deps, card: Card, step: Try) -> Card | None:
    """Apply a step likewise; return None where the newest version no longer calls for it, or is forgotten."""
    changed = await apply(deps.cards, card, step)
    if changed and changed.origin and (card.state, card.connected) != (changed.state, changed.connected):
        receipt = Job(DRAW_RECEIPT, changed.origin.invitation)
        await deps.scheduler.plan(changed.team, receipt, at=deps.clock.now())
    return changed


async def apply(cards: CardStore, card: Card, step: Try) -> Card | None:
    """Apply a step likewise, and tell nobody."""
    newest: Card | None = card
    while newest is not None:
        stepped = step(newest)
        if stepped is None:
            return None
        changed = replace(stepped, version=newest.version + 1)
        if await cards.update(changed):
            return changed
        newest = await cards.get(card.team, card.id)
    return None


async def draw(deps: Deps, card: Card, *, in_place: bool) -> bool:
    """See to a card's next moment and show it as it stands; return whether Slack took it, or nobody wants it any more.

    The post was spent when the card was changed: whatever happens in between, none is made twice. In a direct message
    it is drawn through the click that is being answered, else when it has its turn.
    """
    now = deps.clock.now()
    await schedule(deps, card, since=now)
    try:
        shown = await _show(deps, card, now=now, in_place=in_place)
    except ModalClosed:
        await leave(deps, card)
        return True
    except ResponseUrlRefused as refusal:
        if refusal.for_good and card.surface:
            place = card.surface
            await change(deps, card, lambda c: steps.closed(c, place))
        return False
    except SlackError as refusal:
        await _try_again(deps, card, refusal, since=now)
        return False
    if shown and card.needs_redraw:
        await change(deps, card, steps.drawn)
    return True


async def draw_dm_card(deps: Deps, card: Card) -> None:
    """Draw a direct message's card by `chat.update`, whose turn it is; raise SlackUnavailable where that may pass."""
    now, place = deps.clock.now(), card.surface
    if not isinstance(place, DirectMessage):
        return
    async with _alone(deps, card) as alone:
        if not alone:
            await deps.scheduler.plan(card.team, card.tick if card.state.live else card.end, at=now + AGAIN)
            return
        try:
            await deps.direct_messages.update(place.message, card_message(card, now=now))
        except MessageGone:
            await leave(deps, card)
            return
    newest = await deps.cards.get(card.team, card.id)
    if newest and newest.version != card.version:
        await _queue(deps, newest)
        return
    if card.needs_redraw:
        await change(deps, card, steps.drawn)
    await schedule(deps, card, since=now)


async def leave(deps: Deps, card: Card) -> None:
    """Stop drawing a card whose window was closed, or whose message is gone."""
    place = card.surface
    if not isinstance(place, ResponseUrl | None):
        await change(deps, card, lambda c: steps.closed(c, place))
        await deps.scheduler.cancel(card.team, card.tick)
        await deps.scheduler.cancel(card.team, card.end)
    if isinstance(place, ModalRef):
        await deps.cards.left(card)


async def schedule(deps: Deps, card: Card, *, since: datetime) -> None:
    """See to the next moment; one that passed while we were busy comes at once."""
    spacing = countdown.WINDOW_TICK
    if isinstance(card.surface, ModalRef) and card.state.live:
        spacing = countdown.window_spacing(await deps.cards.windows(card))
    moment = countdown.next_moment(card, since=since, spacing=spacing)
    if moment is not None and moment < card.link.expires_at:
        await deps.scheduler.plan(card.team, card.tick, at=moment)


async def _show(deps: Deps, card: Card, *, now: datetime, in_place: bool) -> bool:
    """Show a card, and return whether it is shown by now."""
    if isinstance(card.surface, DirectMessage):
        return await _show_at_once(deps, card, card.surface, now=now)
    async with _in_order(deps, card) as newest:
        if isinstance(newest.surface, ModalRef):
            await deps.views.update(newest.surface.view, card_window(newest, now=now))
            if not newest.state.live:
                await deps.cards.left(newest)
        elif isinstance(newest.surface, ResponseUrl):
            await deps.response_urls.post(newest.surface, card_message(newest, now=now), replace=in_place)
    return True


async def _show_at_once(deps: Deps, card: Card, place: DirectMessage, *, now: datetime) -> bool:
    """Draw a direct message's card through the click that is being answered, or let it wait for its turn."""
    newest = None
    async with _alone(deps, card) as alone:
        if alone and place.response_url is not None:
            try:
                await deps.response_urls.post(place.response_url, card_message(card, now=now), replace=True)
            except ResponseUrlRefused:
                log.info("click_not_answered", card=card.id)
            else:
                newest = await deps.cards.get(card.team, card.id)
                if newest is None or newest.version == card.version:
                    return True
    await _queue(deps, newest or card)
    return False


async def _queue(deps: Deps, card: Card) -> None:
    await deps.scheduler.plan(card.team, card.tick if card.state.live else card.end, at=deps.clock.now())


@asynccontextmanager
async def _in_order(deps: Deps, card: Card) -> AsyncIterator[Card]:
    """Wait until nobody else draws a card, and yield it as it stands by then, in the place where it was to be drawn."""
    async with _alone(deps, card, patience=DRAWING):
        newest = await deps.cards.get(card.team, card.id)
        yield replace(newest, surface=card.surface) if newest else card


@asynccontextmanager
async def _alone(deps: Deps, card: Card, *, patience: timedelta = timedelta(0)) -> AsyncIterator[bool]:
    """Yield whether nobody else draws a card at this moment: an older drawing must not come in after a newer one."""
    what, deadline = f"drawing:{card.id}", time.monotonic() + patience.total_seconds()
    alone = await deps.idempotency.claim(card.team, what, within=DRAWING)
    while not alone and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_AGAIN)
        alone = await deps.idempotency.claim(card.team, what, within=DRAWING)
    try:
        yield alone
    finally:
        if alone:
            await deps.idempotency.release(card.team, what)


async def _try_again(deps: Deps, card: Card, refusal: SlackError, *, since: datetime) -> None:
    """Leave it to the next tick; an end that couldn't be drawn waits for as long as Slack asks, or ever longer."""
    if card.state.live:
        return
    if refusal.retryable and since < card.link.expires_at + GIVE_UP:
        pause = refusal.retry_after or max(AGAIN, (since - card.link.expires_at) / 2)
        await deps.scheduler.cancel(card.team, card.tick)
        await deps.scheduler.plan(card.team, card.end, at=since + pause)
    else:
        await leave(deps, card)
