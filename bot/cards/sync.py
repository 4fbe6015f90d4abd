"""What Ayrshare knows of a link that we don't: somebody opened it without our hearing of it, or it is dead already."""

import asyncio
from datetime import timedelta

import structlog

from bot.ayrshare.model import LinkUse
from bot.cards import transitions as steps
from bot.cards import update
from bot.cards.model import Card
from bot.core.errors import ConnectbotError
from bot.deps import Deps

PATIENCE = timedelta(seconds=2)
"""The final state is drawn within 3 s of the deadline, whatever is being asked."""

log = structlog.get_logger()


async def sync_with_session(deps: Deps, card: Card) -> Card:
    """Return a live card as it stands after asking Ayrshare what became of its link, where that can be told."""
    use = await _ask(deps, card)
    now = deps.clock.now()
    return card if use is None else await update.change(deps, card, lambda c: steps.used(c, use, at=now))


async def _ask(deps: Deps, card: Card) -> LinkUse | None:
    """Ask; that is a courtesy, so it may neither fail nor delay what is due."""
    if card.link.session_id is None:
        return None
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            profiles = await deps.profiles.get(card.team, card.ref_id)
            return await deps.links.use(profiles[0], card.link) if profiles else None
    except (ConnectbotError, TimeoutError) as error:
        log.info("link_use_unknown", card=card.id, cause=type(error).__name__)
        return None
