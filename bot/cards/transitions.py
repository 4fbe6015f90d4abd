"""The steps of a card's life, each a pure function from a card to the next one.

`ready → opened → expired`; `replaced` and `cancelled` end either of the first two.
"""

from dataclasses import replace
from datetime import datetime

from bot.ayrshare.model import Account, LinkUse
from bot.cards.model import Card, CardState
from bot.slack.model import Answer, DirectMessage, Place


def opened(card: Card, *, at: datetime, place: Place) -> Card:
    """Take note of the first click on the link; later ones only bring another `response_url`."""
    if card.state is not CardState.READY:
        return placed(card, place)
    return replace(card, state=CardState.OPENED, opened_at=at, checked_at=at, place=place)


def remembered(card: Card, accounts: tuple[Account, ...] | None) -> Card:
    """Keep what was linked when the page was opened, unless a look was faster."""
    return card if card.linked_before is not None else replace(card, linked_before=accounts)


def told(card: Card, network: str) -> Card:
    """Take note that a network changed, for whoever looks next; a dead card stays what it is."""
    if not card.state.live or network in card.heard:
        return card
    return replace(card, heard=(*card.heard, network))


def looked(card: Card, accounts: tuple[Account, ...] | None, *, heard: tuple[str, ...], at: datetime) -> Card:
    """Keep what is linked, as far as a look brought it that was begun when `heard` was known.

    A network that changed while the page was open is not one that was linked before, even where it looks the same.
    """
    if accounts is None:
        return replace(card, checked_at=at)
    known = accounts if card.linked_before is None else card.linked_before
    before = tuple(account for account in known if account.network not in heard)
    linked = tuple(account for account in accounts if account not in before)
    rest = tuple(network for network in card.heard if network not in heard)
    return replace(card, linked_before=before, linked=linked, heard=rest, checked_at=at)


def used(card: Card, use: LinkUse, *, at: datetime) -> Card:
    """Take over what Ayrshare knows of a live card's link."""
    if not card.state.live:
        return card
    if use.opened_at and card.opened_at is None:
        card = replace(card, state=CardState.OPENED, opened_at=use.opened_at, checked_at=at)
    if use.expired or at >= card.link.expires_at:
        return ended(card)
    return cut_off(card, CardState.CANCELLED, revoked=True) if use.revoked else card


def placed(card: Card, place: Place) -> Card:
    """Take up the place that a click brought, with what is left of its `response_url` if it is the one we have."""
    return card if isinstance(place, Answer) and _same(card.place, place) else replace(card, place=place)


def closed(card: Card, place: Place) -> Card:
    """Forget a place that can no longer be drawn; a newer click may have brought another meanwhile."""
    if not _same(card.place, place):
        return card
    return replace(card, place=replace(place, posts_left=0) if isinstance(place, Answer) else None)


def ended(card: Card) -> Card:
    """End a live card because its link has died; a dead one stays what it is."""
    return replace(card, state=CardState.EXPIRED, undrawn=True) if card.state.live else card


def cut_off(card: Card, state: CardState, *, revoked: bool) -> Card:
    """End a card before its time, or let a newer link replace one that is dead already."""
    if not card.state.live and state is not CardState.REPLACED:
        return replace(card, revoked=card.revoked or revoked)
    return replace(card, state=state, revoked=card.revoked or revoked, undrawn=True)


def spent(card: Card) -> Card:
    """Count a post to a `response_url` before it is made, so that none is made twice; if it fails it isn't made again.

    A window or a direct message can be drawn as often as it takes, so an end stays undrawn there until it is drawn.
    """
    if not isinstance(card.place, Answer):
        return card
    return replace(card, place=replace(card.place, posts_left=max(0, card.place.posts_left - 1)), undrawn=False)


def drawn(card: Card) -> Card:
    """Take note that what is shown says how it ended."""
    return replace(card, undrawn=False)


def _same(one: Place | None, other: Place) -> bool:
    """Tell whether two places are one, whatever is left of them."""
    if isinstance(one, Answer) and isinstance(other, Answer):
        return one.url == other.url
    if isinstance(one, DirectMessage) and isinstance(other, DirectMessage):
        return one.posted == other.posted
    return one == other
