"""What got linked while a linking page was open."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import structlog

from bot.deps import Deps
from bot.errors import ConnectbotError
from bot.model import Account, Card
from bot.services.accounts import accounts_of

LOOK_PATIENCE = timedelta(seconds=2)
"""The final state is drawn within 3 s of the deadline, whatever is being looked at."""

log = structlog.get_logger()


async def look(deps: Deps, card: Card) -> tuple[tuple[Account, ...] | None, tuple[Account, ...]]:
    """Return what was linked before the page was opened, as far as is known, and what got linked since."""
    accounts = await healthy_accounts(deps, card)
    if accounts is None:
        return card.linked_before, card.linked
    if card.linked_before is None:
        return accounts, card.linked
    return card.linked_before, tuple(account for account in accounts if account not in card.linked_before)


async def healthy_accounts(deps: Deps, card: Card) -> tuple[Account, ...] | None:
    """Ask what is linked and in order; a look is a courtesy, so it may neither fail nor delay what is due.

    Until when a network is good is left out: it is counted from the moment of asking, so it differs each time.
    """
    try:
        async with asyncio.timeout(LOOK_PATIENCE.total_seconds()):
            profiles = await deps.profiles.get(card.team, card.ref_id)
            connected = await accounts_of(deps, card.team, profiles[0]) if profiles else None
    except (ConnectbotError, TimeoutError) as error:
        log.info("look_failed", card=card.id, cause=type(error).__name__)
        return None
    accounts = connected.accounts if connected else ()
    return tuple(replace(account, refresh_by=None) for account in accounts if not account.needs_attention)
