"""A client link gets more time and more uses, also after it has expired."""

from bot.client_links.access import check_may_make
from bot.client_links.errors import ClientLinkGone
from bot.client_links.model import ClientLinkId
from bot.core.model import Viewer
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.profiles.redraw import views_changed


async def extend(deps: Deps, viewer: Viewer, link_id: ClientLinkId) -> None:
    """Have a client link work longer and more often; raise NotAllowed, ClientLinkGone."""
    link = await deps.client_links.get(viewer.team, link_id)
    if link is None or link.revoked:
        raise ClientLinkGone
    await check_may_make(deps, viewer, link.ref_id)
    row = AuditRow("client_link_extended", by=viewer.user, ref_id=link.ref_id, detail=link.id)
    now = deps.clock.now()
    if await deps.client_links.update(link, lambda newest: newest.extended(now), audit=row) is None:
        raise ClientLinkGone
    await views_changed(deps, viewer.team)
