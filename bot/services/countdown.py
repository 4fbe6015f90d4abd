"""When a card has to be looked at again, and what for. Pure: a card and a moment in, moments out.

A message can be changed only through the `response_url` of a click in it, 5 times in 30 minutes; the last post is kept
for the final state. A link that lives longer than those 30 minutes promises no countdown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import LONGEST_COUNTDOWN, Card, CardState

TICKS_BEFORE_DEADLINE = (timedelta(minutes=2), timedelta(minutes=1))
FIRST_LOOK = timedelta(seconds=45)
NEXT_LOOK = timedelta(minutes=1)
LOOKS = 6


@dataclass(frozen=True, slots=True)
class Due:
    """What a moment asks for: to end the card, to redraw the time left, to look what got linked."""

    end: bool = False
    tick: bool = False
    look: bool = False


def due(card: Card, *, now: datetime) -> Due:
    """Tell what has come due since the card was last looked at."""
    since = card.checked_at or card.made_at
    return Due(
        end=now >= card.link.expires_at,
        tick=any(since < moment <= now for moment in _ticks(card)),
        look=any(since < moment <= now for moment in _looks(card)),
    )


def next_moment(card: Card, *, since: datetime) -> datetime | None:
    """Return the first moment after `since` at which something is due, or None where nothing can be changed."""
    if not card.state.live:
        return None
    ahead = [moment for moment in (*_ticks(card), *_looks(card)) if moment > since]
    useful = (moment for moment in (*ahead, card.link.expires_at) if _can_speak(card, moment))
    return min(useful, default=None)


def can_change(card: Card, *, now: datetime) -> bool:
    """Tell whether the card's own message can still be replaced."""
    return card.answer.replaces and _can_speak(card, now)


def has_spare_post(card: Card, *, now: datetime) -> bool:
    """Tell whether a post is left that neither the ticks ahead nor the final state will need."""
    ticks_ahead = sum(moment > now for moment in _ticks(card))
    return can_change(card, now=now) and card.answer.posts_left > ticks_ahead + 1


def _can_speak(card: Card, at: datetime) -> bool:
    return card.answer.posts_left > 0 and at < card.answer.expires_at


def _ticks(card: Card) -> Iterator[datetime]:
    deadline = card.link.expires_at
    if card.answer.replaces and card.answer.posts_left > 1 and deadline - card.made_at <= LONGEST_COUNTDOWN:
        yield from (deadline - left for left in TICKS_BEFORE_DEADLINE if deadline - left > card.made_at)


def _looks(card: Card) -> Iterator[datetime]:
    if card.state is CardState.OPENED and card.opened_at and card.answer.replaces:
        looks = (card.opened_at + FIRST_LOOK + number * NEXT_LOOK for number in range(LOOKS))
        yield from (moment for moment in looks if moment < card.link.expires_at)
