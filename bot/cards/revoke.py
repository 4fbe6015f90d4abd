"""How a card ends early: somebody cancels its link, a newer one replaces it, or its person loses the profile.

The link is revoked where Ayrshare can do that; where it can't, the card says how long a copy of it goes on working.
"""

from dataclasses import replace
from functools import partial
from typing import Protocol

import structlog

from bot.ayrshare.links import Links
from bot.cards import schedule
from bot.cards import transitions as steps
from bot.cards.errors import NotCancelled
from bot.cards.model import Card, CardId, CardState
from bot.cards.store import CardStore
from bot.cards.sync import sync_with_session
from bot.cards.update import apply, change, change_if, draw
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.people.audit import AuditRow, AuditStore
from bot.profiles.store import ProfileStore
from bot.slack.model import Surface

log = structlog.get_logger()


class Revoking(Protocol):
    """What it takes to end a card's link; `Deps` has it, and so have the commands of the shell."""

    @property
    def cards(self) -> CardStore: ...  # noqa: D102 - named as in Deps
    @property
    def profiles(self) -> ProfileStore: ...  # noqa: D102 - likewise
    @property
    def links(self) -> Links | None: ...  # noqa: D102 - likewise
    @property
    def audit(self) -> AuditStore: ...  # noqa: D102 - likewise


async def cancel(deps: Deps, card: Card, *, surface: Surface) -> None:
    """Kill a card's link because its viewer wants that; raise NotCancelled where Ayrshare didn't do it."""
    works = card.state.live and deps.clock.now() < card.link.expires_at
    try:
        revoked = works and await _revoke(deps, card)
    except ConnectbotError:
        raise NotCancelled from None

    def cancelled(card: Card) -> Card:
        over = steps.cut_off(card, CardState.CANCELLED, revoked=revoked) if works else steps.ended(card)
        return steps.spent(steps.placed(over, surface))

    ended = await change(deps, card, cancelled)
    if works:
        await deps.audit.add(card.team, _row("link_cancelled", card, by=card.viewer))
    await draw(deps, ended, in_place=True)


async def withdraw(deps: Deps, card: Card, *, surface: Surface) -> None:
    """Take the link out of the card of somebody who may no longer have it."""
    revoked = await _revoked(deps, card)

    def withdrawn(card: Card) -> Card:
        return replace(steps.cut_off(card, CardState.CANCELLED, revoked=revoked), surface=surface)

    await draw(deps, await change(deps, card, lambda c: steps.spent(withdrawn(c))), in_place=True)


async def mark_replaced(deps: Deps, team: TeamId, card_id: CardId) -> None:
    """Mark a card as replaced, and say so where its message can be changed."""
    card = await deps.cards.get(team, card_id)
    if card is None or card.state is CardState.REPLACED:
        return
    if card.state.live:
        card = await sync_with_session(deps, card)
    revoked = card.state.live and await _revoked(deps, card)
    await show_end(deps, await change(deps, card, lambda c: steps.cut_off(c, CardState.REPLACED, revoked=revoked)))


async def revoke_links(deps: Revoking, team: TeamId, owner: UserId, ref_id: RefId, *, by: str) -> tuple[Card, ...]:
    """End the live cards of a profile that somebody no longer looks after, and return them, not yet drawn."""
    ended = []
    for card in await deps.cards.live(team, ref_id):
        if card.owner == owner:
            revoked = await _revoked(deps, card)
            cut = await apply(deps.cards, card, partial(_taken, revoked=revoked))
            ended += [cut] if cut else []
            await deps.audit.add(team, _row("link_taken_back", card, by=by))
    return tuple(ended)


async def show_end(deps: Deps, card: Card) -> None:
    """Draw a card that has ended, where its message can be changed."""
    if schedule.can_change(card, now=deps.clock.now()):
        ended = await change_if(deps, card, lambda c: steps.spent(c) if c.needs_redraw else None)
        if ended:
            await draw(deps, ended, in_place=True)


def _taken(card: Card, *, revoked: bool) -> Card:
    return steps.cut_off(card, CardState.CANCELLED, revoked=revoked)


async def _revoke(deps: Revoking, card: Card) -> bool:
    """Let Ayrshare take back a card's link, and return whether it did; raise ConnectbotError."""
    profiles = await deps.profiles.get(card.team, card.ref_id)
    return await deps.links.revoke(profiles[0], card.link) if profiles and deps.links else False


async def _revoked(deps: Revoking, card: Card) -> bool:
    """Revoke a link that is being ended anyway: where that fails, the card says that the link still works."""
    try:
        return await _revoke(deps, card)
    except ConnectbotError as error:
        log.warning("link_not_revoked", card=card.id, cause=error.kind)
        return False


def _row(what: str, card: Card, *, by: str) -> AuditRow:
    return AuditRow(what, by=by, owner=card.owner, ref_id=card.ref_id, detail=card.id)
