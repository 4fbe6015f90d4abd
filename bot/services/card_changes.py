"""The one way in which cards change: a step is kept only if nobody else changed the card meanwhile, then drawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.deps import Cards, Deps
from bot.errors import AnswerRefused, CardGone, SlackUnavailable, WindowClosed
from bot.model import Answer, Card, CardId, TeamId, UserId, Window
from bot.services import card_steps as steps
from bot.services import countdown
from bot.views.card import card_message, card_window

AGAIN, GIVE_UP = timedelta(seconds=1), timedelta(minutes=10)
"""Between tries to draw an end that Slack refuses: at first, and after the deadline altogether."""

Step = Callable[[Card], Card]


async def get(deps: Deps, team: TeamId, card_id: CardId, *, viewer: UserId) -> Card:
    """Return a card to the one who sees it; raise CardGone to anybody else, or once it is forgotten."""
    card = await deps.cards.get(team, card_id)
    if card is None or card.viewer != viewer:
        raise CardGone(deps.settings.connect_command)
    return card


async def change(deps: Deps, card: Card, step: Step) -> Card:
    """Apply a step to a card, or to its newest version if it is no longer that; raise CardGone if it is forgotten."""
    changed = await apply(deps.cards, card, step)
    if changed is None:
        raise CardGone(deps.settings.connect_command)
    return changed


async def apply(cards: Cards, card: Card, step: Step) -> Card | None:
    """Apply a step likewise; return None if the card is forgotten."""
    newest: Card | None = card
    while newest is not None:
        changed = replace(step(newest), version=newest.version + 1)
        if await cards.update(changed):
            return changed
        newest = await cards.get(card.team, card.id)
    return None


async def draw(deps: Deps, card: Card, *, in_place: bool) -> bool:
    """Show a card as it stands and see to its next moment; return whether Slack took it, or nobody wants it any more.

    The post was spent when the card was changed: whatever happens in between, none is made twice.
    """
    now = deps.clock.now()
    try:
        await _show(deps, card, now=now, in_place=in_place)
    except WindowClosed:
        await leave(deps, card)
        return True
    except AnswerRefused as refusal:
        if refusal.for_good and card.place:
            place = card.place
            await change(deps, card, lambda c: steps.closed(c, place))
        else:
            await schedule(deps, card, since=now)
        return False
    except SlackUnavailable as refusal:
        await _try_again(deps, card, refusal, since=now)
        return False
    await schedule(deps, card, since=now)
    return True


async def leave(deps: Deps, card: Card) -> None:
    """Stop drawing a card whose window was closed."""
    place = card.place
    if isinstance(place, Window):
        await change(deps, card, lambda c: steps.closed(c, place))
        await deps.cards.left(card)


async def schedule(deps: Deps, card: Card, *, since: datetime) -> None:
    """See to the next moment; one that passed while we were busy comes at once."""
    spacing = countdown.WINDOW_TICK
    if isinstance(card.place, Window) and card.state.live:
        spacing = countdown.window_spacing(await deps.cards.windows(card))
    moment = countdown.next_moment(card, since=since, spacing=spacing)
    if moment is not None:
        await deps.later.redraw_card(card.team, card.id, at=moment)


async def _show(deps: Deps, card: Card, *, now: datetime, in_place: bool) -> None:
    if isinstance(card.place, Window):
        await deps.modals.update(card.place.view, card_window(card, now=now))
        if not card.state.live:
            await deps.cards.left(card)
    elif isinstance(card.place, Answer):
        await deps.answers.post(card.place, card_message(card, now=now), replace=in_place)


async def _try_again(deps: Deps, card: Card, refusal: SlackUnavailable, *, since: datetime) -> None:
    """Wait for the next tick; an end that couldn't be drawn waits for as long as Slack asks, or ever longer."""
    if card.state.live:
        await schedule(deps, card, since=since)
    elif refusal.passes and since < card.link.expires_at + GIVE_UP:
        await change(deps, card, lambda c: replace(c, undrawn=True))
        pause = refusal.retry_after or max(AGAIN, (since - card.link.expires_at) / 2)
        await deps.later.redraw_card(card.team, card.id, at=since + pause)
    else:
        await leave(deps, card)
