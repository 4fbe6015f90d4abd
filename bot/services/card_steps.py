"""The steps of a card's life, each a pure function from a card to the next one.

`ready → opened → expired`; `replaced` and `cancelled` end either of the first two.
"""

from dataclasses import replace
from datetime import datetime

from bot.model import Account, Answer, Card, CardState


def opened(card: Card, *, at: datetime, answer: Answer) -> Card:
    """Take note of the first click on the link; later ones only bring another `response_url`."""
    if card.state is not CardState.READY:
        return answered_by(card, answer)
    return replace(card, state=CardState.OPENED, opened_at=at, checked_at=at, answer=answer)


def looked(
    card: Card, before: tuple[Account, ...] | None, linked: tuple[Account, ...], *, at: datetime, shows: bool
) -> Card:
    """Keep what a look brought; a look that will be shown spends a post."""
    looked = replace(card, linked_before=before, linked=linked, checked_at=at)
    return spent(looked) if shows else looked


def answered_by(card: Card, answer: Answer) -> Card:
    """Take up a click's `response_url`, with what is left of it if it is the one we have."""
    return card if card.answer.url == answer.url else replace(card, answer=answer)


def ended(card: Card) -> Card:
    """End a live card because its link has died; a dead one stays what it is."""
    return replace(card, state=CardState.EXPIRED) if card.state.live else card


def spent(card: Card) -> Card:
    """Count a post before it is made, so that none is made twice."""
    return replace(card, answer=replace(card.answer, posts_left=max(0, card.answer.posts_left - 1)))


def mute(card: Card, refused: Answer) -> Card:
    """Ask nothing more of a `response_url` that refused; a newer click may have brought another meanwhile."""
    return replace(card, answer=replace(refused, posts_left=0)) if card.answer.url == refused.url else card
