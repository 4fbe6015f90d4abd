"""Takes back a link that an app has got."""

import structlog

from bot.cards.model import CardId
from bot.cards.revoke import take_back
from bot.deps import Deps
from bot.links_api.errors import NotTakenBack, UnknownLink
from bot.links_api.model import ApiKey, LinkNamed

log = structlog.get_logger()


async def revoke_link(deps: Deps, key: ApiKey, named: LinkNamed) -> None:
    """Take back a link that the key has made; one that is dead stays so.

    Raises UnknownLink, NotTakenBack, AyrshareError.
    """
    card = await deps.cards.get(key.team, CardId(named.id))
    if card is None or card.issued_by != key.actor:
        raise UnknownLink
    if deps.clock.now() >= card.link.expires_at or not card.usable:
        return
    if not await take_back(deps, card, by=key.actor):
        raise NotTakenBack
    log.info("link_revoked", card=card.id, team=card.team, key=key.id)
