"""What got linked while a linking page was open."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.ayrshare.model import Account
from bot.cards import schedule
from bot.cards import transitions as steps
from bot.cards.model import Card
from bot.cards.update import change, change_if, draw
from bot.core.errors import ConnectbotError
from bot.core.model import RefId, TeamId
from bot.deps import Deps
from bot.profiles.account_status import accounts_of

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


async def show_accounts(deps: Deps, card: Card, accounts: tuple[Account, ...] | None) -> None:
    """Show on a live card what is linked, as somebody just saw; one that is about to end looks for itself."""
    now = deps.clock.now()
    if card.state.live and not schedule.due(card, now=now).end:
        await refresh_accounts(deps, card, accounts, now=now)


async def refresh_accounts(
    deps: Deps, card: Card, accounts: tuple[Account, ...] | None, *, now: datetime
) -> tuple[Card, bool]:
    """Keep what is linked, and draw the card if its time left is due, or if it changed and a post can be spared.

    Return it, and whether it was drawn, which sees to its next moment as well.
    """
    heard = card.changed_networks

    def look(newest: Card) -> Card:
        return steps.looked(newest, accounts, heard=heard, at=now)

    def shown(newest: Card) -> Card | None:
        ticks = schedule.due(newest, now=now).tick
        changes = look(newest).connected != newest.connected and schedule.has_spare_post(newest, now=now)
        return steps.spent(look(newest)) if newest.state.live and (ticks or changes) else None

    changed = await change_if(deps, card, shown)
    if changed is None:
        return await change(deps, card, look), False
    await draw(deps, changed, in_place=True)
    return changed, True
