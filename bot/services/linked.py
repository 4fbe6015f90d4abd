"""What got linked while a linking page was open."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.deps import Deps
from bot.errors import ConnectbotError
from bot.model import Account, Card, RefId, TeamId
from bot.services import card_steps as steps
from bot.services import countdown
from bot.services.accounts import accounts_of
from bot.services.card_changes import change, draw

LOOK_PATIENCE = timedelta(seconds=2)
"""The final state is drawn within 3 s of the deadline, whatever is being looked at."""

log = structlog.get_logger()


async def healthy_accounts(deps: Deps, team: TeamId, ref_id: RefId) -> tuple[Account, ...] | None:
    """Ask what is linked and in order; a look is a courtesy, so it may neither fail nor delay what is due.

    Until when a network is good is left out: it is counted from the moment of asking, so it differs each time.
    """
    try:
        async with asyncio.timeout(LOOK_PATIENCE.total_seconds()):
            profiles = await deps.profiles.get(team, ref_id)
            connected = await accounts_of(deps, team, profiles[0]) if profiles else None
    except (ConnectbotError, TimeoutError) as error:
        log.info("look_failed", profile=ref_id, cause=type(error).__name__)
        return None
    accounts = connected.accounts if connected else ()
    return tuple(replace(account, refresh_by=None) for account in accounts if not account.needs_attention)


async def show_look(deps: Deps, card: Card, accounts: tuple[Account, ...] | None) -> None:
    """Show on a live card what is linked, as somebody just saw; one that is about to end looks for itself.

    Its next moment stays where it is, perhaps in another process: seen to in two, a card would end twice.
    """
    now = deps.clock.now()
    due = countdown.due(card, now=now)
    if card.state.live and not due.end:
        await take_look(deps, card, accounts, tick=due.tick, now=now)


async def take_look(
    deps: Deps, card: Card, accounts: tuple[Account, ...] | None, *, tick: bool, now: datetime
) -> tuple[Card, bool]:
    """Keep what is linked, and draw the card if its time left is due, or if it changed and a post can be spared.

    Return it, and whether it was drawn, which sees to its next moment as well.
    """

    def look(card: Card, heard: tuple[str, ...] = card.heard) -> Card:
        return steps.looked(card, accounts, heard=heard, at=now)

    shows = tick or (look(card).linked != card.linked and countdown.has_spare_post(card, now=now))
    looked = await change(deps, card, lambda c: steps.spent(look(c)) if shows else look(c))
    drawn = looked.state.live and shows
    if drawn:
        await draw(deps, looked, in_place=True)
    return looked, drawn
