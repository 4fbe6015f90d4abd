"""A client link gets more time and more uses, also after it has expired."""

from datetime import timedelta

from bot.client_links.access import check_may_make
from bot.client_links.errors import ClientLinkGone
from bot.client_links.model import ClientLink, ClientLinkId, ClientLinkOrder
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.profiles.model import Viewer


async def extend(deps: Deps, viewer: Viewer, link_id: ClientLinkId, *, days: int, uses: int) -> ClientLink:
    """Have a client link work for so many days from now, and so many uses; raise NotAllowed, ClientLinkGone."""
    link = await deps.client_links.get(viewer.team, link_id)
    if link is None or link.revoked:
        raise ClientLinkGone
    await check_may_make(deps, ClientLinkOrder(viewer.team, viewer.user, link.ref_id, home_team=viewer.home_team))
    until = deps.clock.now() + timedelta(days=days)
    row = AuditRow("client_link_extended", by=viewer.user, ref_id=link.ref_id, detail=link.id)
    extended = await deps.client_links.update(link, lambda newest: newest.extended(until=until, uses=uses), audit=row)
    if extended is None:
        raise ClientLinkGone
    return extended
