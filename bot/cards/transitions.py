"""The steps of a card's life, each a pure function from a card to the next one.

`ready → opened → expired`; `replaced` and `cancelled` end either of the first two.
"""

from dataclasses import replace
from datetime import datetime

from bot.ayrshare.model import Account, LinkUse
from bot.cards.model import Card, CardState
from bot.slack.model import DirectMessage, ResponseUrl, Surface


def opened(card: Card, *, at: datetime, place: Surface) -> Card:
    """Take note of the first click on the link; later ones only bring another `response_url`."""
    if card.state is not CardState.READY:
        return placed(card, place)
    return replace(card, state=CardState.OPENED, opened_at=at, checked_at=at, surface=place)


def remembered(card: Card, accounts: tuple[Account, ...] | None) -> Card:
    """Keep what was linked when the page was opened, unless a look was faster."""
    return card if card.connected_before is not None else replace(card, connected_before=accounts)


def told(card: Card, network: str) -> Card:
    """Take note that a network changed, for whoever looks next; a dead card stays what it is."""
    if not card.state.live or network in card.changed_networks:
        return card
    return replace(card, changed_networks=(*card.changed_networks, network))


def looked(card: Card, accounts: tuple[Account, ...] | None, *, heard: tuple[str, ...], at: datetime) -> Card:
    """Keep what is linked, as far as a look brought it that was begun when `heard` was known.

    A network that changed while the page was open is not one that was linked before, even where it looks the same.
    """
    if accounts is None:
        return replace(card, checked_at=at)
    known = accounts if card.connected_before is None else card.connected_before
    before = tuple(account for account in known if account.network not in heard)
    linked = tuple(account for account in accounts if account not in before)
    rest = tuple(network for network in card.changed_networks if network not in heard)
    return replace(card, connected_before=before, connected=linked, changed_networks=rest, checked_at=at)


def used(card: Card, use: LinkUse, *, at: datetime) -> Card:
    """Take over what Ayrshare knows of a live card's link."""
    if not card.state.live:
        return card
    if use.opened_at and card.opened_at is None:
        card = replace(card, state=CardState.OPENED, opened_at=use.opened_at, checked_at=at)
    if use.expired or at >= card.link.expires_at:
        return ended(card)
    return cut_off(card, CardState.CANCELLED, revoked=True) if use.revoked else card


def placed(card: Card, place: Surface) -> Card:
    """Take up the place that a click brought, with what is left of its `response_url` if it is the one we have."""
    return card if isinstance(place, ResponseUrl) and _same(card.surface, place) else replace(card, surface=place)


def closed(card: Card, place: Surface) -> Card:
    """Forget a place that can no longer be drawn; a newer click may have brought another meanwhile."""
    if not _same(card.surface, place):
        return card
    return replace(card, surface=replace(place, posts_left=0) if isinstance(place, ResponseUrl) else None)


def ended(card: Card) -> Card:
    """End a live card because its link has died; a dead one stays what it is."""
    return replace(card, state=CardState.EXPIRED, needs_redraw=True) if card.state.live else card


def cut_off(card: Card, state: CardState, *, revoked: bool) -> Card:
    """End a card before its time, or let a newer link replace one that is dead already."""
    if not card.state.live and state is not CardState.REPLACED:
        return replace(card, revoked=card.revoked or revoked)
    return replace(card, state=state, revoked=card.revoked or revoked, needs_redraw=True)


def spent(card: Card) -> Card:
    """Count a post to a `response_url` before it is made, so that none is made twice; if it fails it isn't made again.

    A window or a direct message can be drawn as often as it takes, so an end stays undrawn there until it is drawn.
    """
    if not isinstance(card.surface, ResponseUrl):
        return card
    fewer = replace(card.surface, posts_left=max(0, card.surface.posts_left - 1))
    return replace(card, surface=fewer, needs_redraw=False)


def drawn(card: Card) -> Card:
    """Take note that what is shown says how it ended."""
    return replace(card, needs_redraw=False)


def _same(one: Surface | None, other: Surface) -> bool:
    """Tell whether two places are one, whatever is left of them."""
    if isinstance(one, ResponseUrl) and isinstance(other, ResponseUrl):
        return one.url == other.url
    if isinstance(one, DirectMessage) and isinstance(other, DirectMessage):
        return one.message == other.message
    return one == other
