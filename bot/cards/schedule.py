"""When a card has to be looked at again: pure arithmetic over the moments of a link and of the place it is shown in.

A `response_url` can replace a card five times in 30 minutes. They are spent on: opened; 2 minutes left; 1 minute left;
a change of what is linked; the final state, for which one is always kept. A window is redrawn every ten seconds, or
less often where many are open. A direct message is redrawn each minute and 30 seconds before the end, as far as Slack's
50 updates a minute go. A link that lives longer than 30 minutes promises no countdown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards.model import LONGEST_COUNTDOWN, Card, CardState
from bot.slack.model import DirectMessage, ModalRef, ResponseUrl

MINUTE = timedelta(minutes=1)
TICKS_BEFORE_DEADLINE = (timedelta(minutes=2), timedelta(minutes=1))
LAST_TICK = timedelta(seconds=30)
WINDOW_TICK = timedelta(seconds=10)
WINDOWS_AT_FULL_PACE = 10
"""So that ticks take at most 60 of the 100 `views.update` a minute that a workspace has (tier 4)."""
FIRST_LOOK = timedelta(seconds=45)
NEXT_LOOK = timedelta(minutes=1)
LOOKS = 6
LAST_LOOK = timedelta(seconds=3)
"""Before the deadline: a look may take two, and the final state waits for no more than its own."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a moment asks for: to end the card, to redraw the time left, to look what got linked."""

    end: bool = False
    tick: bool = False
    look: bool = False


def due(card: Card, *, now: datetime) -> Due:
    """Tell what has come due since the card was last looked at."""
    since = card.seen_at
    tick = next(_ticks(card, since=since, spacing=WINDOW_TICK), None)
    return Due(
        end=now >= card.link.expires_at,
        tick=tick is not None and tick <= now,
        look=bool(card.changed_networks) or any(since < moment <= now for moment in _looks(card)),
    )


def next_moment(card: Card, *, since: datetime, spacing: timedelta = WINDOW_TICK) -> datetime | None:
    """Return the first moment after `since` at which something is due, or None where nothing can be changed."""
    if not card.state.live:
        return None
    looks = (moment for moment in _looks(card) if moment > since)
    tick = next(_ticks(card, since=since, spacing=spacing), None)
    ahead = [*looks, *([tick] if tick else []), card.link.expires_at]
    return min((moment for moment in ahead if can_speak(card, now=moment)), default=None)


def window_spacing(open_windows: int) -> timedelta:
    """Return how far apart the ticks of windows are while so many are open."""
    return WINDOW_TICK * max(1, -(-open_windows // WINDOWS_AT_FULL_PACE))


def can_change(card: Card, *, now: datetime) -> bool:
    """Tell whether the card's own message or window can still be changed."""
    return _in_place(card) and can_speak(card, now=now)


def can_speak(card: Card, *, now: datetime) -> bool:
    """Tell whether whoever sees the card can still be told something about it, there or below."""
    if isinstance(card.surface, ResponseUrl):
        return card.surface.posts_left > 0 and now < card.surface.expires_at
    return card.surface is not None


def has_spare_post(card: Card, *, now: datetime) -> bool:
    """Tell whether a post is left that neither the ticks ahead nor the final state will need."""
    if not isinstance(card.surface, ResponseUrl):
        return can_change(card, now=now)
    ticks_ahead = sum(1 for _ in _ticks(card, since=now, spacing=WINDOW_TICK))
    return can_change(card, now=now) and card.surface.posts_left > ticks_ahead + 1


def _in_place(card: Card) -> bool:
    return card.surface.replaces if isinstance(card.surface, ResponseUrl) else card.surface is not None


def _ticks(card: Card, *, since: datetime, spacing: timedelta) -> Iterator[datetime]:
    """Yield the moments after `since` at which the time left is redrawn."""
    deadline, begin = card.link.expires_at, max(since, card.made_at)
    if deadline - card.made_at > LONGEST_COUNTDOWN:
        return
    if isinstance(card.surface, ModalRef):
        left = -(-(deadline - begin) // spacing) - 1
        yield from (deadline - number * spacing for number in range(left, 0, -1))
    elif isinstance(card.surface, DirectMessage):
        minutes = range(int((deadline - begin) / MINUTE), 0, -1)
        lefts = (*(number * MINUTE for number in minutes), LAST_TICK)
        yield from (deadline - left for left in lefts if deadline - left > begin)
    elif isinstance(card.surface, ResponseUrl) and card.surface.replaces and card.surface.posts_left > 1:
        yield from (deadline - left for left in TICKS_BEFORE_DEADLINE if deadline - left > begin)


def _looks(card: Card) -> Iterator[datetime]:
    if card.state is CardState.OPENED and card.opened_at and _in_place(card):
        looks = (card.opened_at + FIRST_LOOK + number * NEXT_LOOK for number in range(LOOKS))
        yield from (moment for moment in looks if moment < card.link.expires_at - LAST_LOOK)
