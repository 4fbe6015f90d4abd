"""What happens later: ids in, one service call."""

from datetime import timedelta

from bot.deps import Deps
from bot.errors import CardGone, StoreUnavailable
from bot.model import CardId, TeamId
from bot.services import cards

AGAIN = timedelta(seconds=1)


async def redraw_card(deps: Deps, team: TeamId, card: CardId) -> None:
    """Do what the present moment asks of a card; while Redis is away, again and again."""
    try:
        await cards.come_due(deps, team, card)
    except StoreUnavailable:
        await deps.later.redraw_card(team, card, at=deps.clock.now() + AGAIN)
    except CardGone:
        return  # forgotten meanwhile: there is nothing to draw
