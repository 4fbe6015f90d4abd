"""When a card is redrawn, and when its accounts are looked up: arithmetic over the moments of its link and surface.

A `response_url` replaces a card five times in 30 minutes: when it is opened, 2 minutes and 1 minute before its
deadline, once for a change of what is connected, and for the final state, for which a post is always kept. A modal is
redrawn every ten seconds, less often where many are open. A direct message is redrawn each minute and 30 seconds before
the deadline, as far as Slack's 50 updates a minute allow. A link that lives longer than 30 minutes has no countdown,
nor has a card on which nothing is left to mend.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards.model import (
    DM_TICK,
    FIRST_REFRESH,
    LAST_DM_TICK,
    LAST_REFRESH,
    LONGEST_COUNTDOWN,
    MODAL_TICK,
    MODALS_AT_FULL_PACE,
    NEXT_REFRESH,
    REFRESHES,
    TICKS_BEFORE_DEADLINE,
    Card,
    CardState,
)
from bot.slack.model import DirectMessage, ModalRef, ResponseUrl


@dataclass(frozen=True, slots=True)
class CardDue:
    """What is due on a card: to end it, to redraw the time left, to look up its accounts."""

    end: bool = False
    tick: bool = False
    refresh: bool = False


def due(card: Card, *, now: datetime) -> CardDue:
    """Return what has become due since the card was last checked."""
    since = card.seen_at
    tick = next(_ticks(card, since=since, spacing=MODAL_TICK), None)
    return CardDue(
        end=now >= card.link.expires_at,
        tick=tick is not None and tick <= now,
        refresh=bool(card.changed_networks) or any(since < moment <= now for moment in _refreshes(card)),
    )


def next_moment(card: Card, *, since: datetime, spacing: timedelta = MODAL_TICK) -> datetime | None:
    """Return the first moment after `since` at which something is due, or None where nothing can be changed."""
    if not card.state.live:
        return None
    refreshes = (moment for moment in _refreshes(card) if moment > since)
    tick = next(_ticks(card, since=since, spacing=spacing), None)
    ahead = [*refreshes, *([tick] if tick else []), card.link.expires_at]
    return min((moment for moment in ahead if can_post(card, now=moment)), default=None)


def modal_spacing(open_modals: int) -> timedelta:
    """Return the time between two ticks of a modal while this many are open."""
    return MODAL_TICK * max(1, -(-open_modals // MODALS_AT_FULL_PACE))


def can_redraw(card: Card, *, now: datetime) -> bool:
    """Return whether the card's own message or modal can still be changed."""
    return _in_place(card) and can_post(card, now=now)


def can_post(card: Card, *, now: datetime) -> bool:
    """Return whether its viewer can still be shown something about the card, in place or as a new message."""
    if isinstance(card.surface, ResponseUrl):
        return card.surface.posts_left > 0 and now < card.surface.expires_at
    return card.surface is not None


def has_spare_post(card: Card, *, now: datetime) -> bool:
    """Return whether a post is left that neither the ticks ahead nor the final state will need."""
    if not isinstance(card.surface, ResponseUrl):
        return can_redraw(card, now=now)
    ticks_ahead = sum(1 for _ in _ticks(card, since=now, spacing=MODAL_TICK))
    return can_redraw(card, now=now) and card.surface.posts_left > ticks_ahead + 1


def _in_place(card: Card) -> bool:
    return card.surface.replaces if isinstance(card.surface, ResponseUrl) else card.surface is not None


def _ticks(card: Card, *, since: datetime, spacing: timedelta) -> Iterator[datetime]:
    """Yield the moments after `since` at which the time left is redrawn."""
    deadline, begin = card.link.expires_at, max(since, card.made_at)
    told_at_once = not isinstance(card.surface, ResponseUrl)  # there a tick may be what tells of another account
    if deadline - card.made_at > LONGEST_COUNTDOWN or (card.done and told_at_once):
        return
    if isinstance(card.surface, ModalRef):
        left = -(-(deadline - begin) // spacing) - 1
        yield from (deadline - number * spacing for number in range(left, 0, -1))
    elif isinstance(card.surface, DirectMessage):
        minutes = range(int((deadline - begin) / DM_TICK), 0, -1)
        lefts = (*(number * DM_TICK for number in minutes), LAST_DM_TICK)
        yield from (deadline - left for left in lefts if deadline - left > begin)
    elif isinstance(card.surface, ResponseUrl) and card.surface.replaces and card.surface.posts_left > 1:
        yield from (deadline - left for left in TICKS_BEFORE_DEADLINE if deadline - left > begin)


def _refreshes(card: Card) -> Iterator[datetime]:
    """Yield the moments at which the accounts of an opened card are looked up."""
    if card.state is CardState.OPENED and card.opened_at and _in_place(card):
        moments = (card.opened_at + FIRST_REFRESH + number * NEXT_REFRESH for number in range(REFRESHES))
        yield from (moment for moment in moments if moment < card.link.expires_at - LAST_REFRESH)
