"""How a card is redrawn when somebody has kept or undone on it what may be the wrong account."""

from bot.ayrshare.model import Account
from bot.cards.model import Card, CardId, LinkRequest
from bot.cards.refresh import healthy_accounts, snapshot_of
from bot.cards.update import redraw
from bot.deps import Deps
from bot.profiles.model import Snapshot
from bot.slack.model import Surface


async def show_settled(deps: Deps, request: LinkRequest, *, card_id: CardId) -> None:
    """Redraw a card through the click on it, with what is connected now."""
    card = await deps.cards.get_for(request.team, card_id, viewer=request.caller)
    if card and card.state.live:
        accounts = await healthy_accounts(deps, card.team, card.ref_id)
        await redraw(deps, card, _settled, accounts, await snapshot_of(deps, card, accounts), request.surface)


def _settled(
    card: Card, accounts: tuple[Account, ...] | None, snapshot: Snapshot | None, surface: Surface
) -> Card | None:
    refreshed = card.refreshed(accounts, snapshot, seen=card.changed_networks, at=card.seen_at)
    return refreshed.moved_to(surface) if card.state.live else None
