"""What happens later: ids in, one service call."""

from bot.deps import Deps
from bot.model import CardId, TeamId
from bot.services import cards


async def redraw_card(deps: Deps, team: TeamId, card: CardId) -> None:
    """Do what the present moment asks of a card."""
    await cards.come_due(deps, team, card)
