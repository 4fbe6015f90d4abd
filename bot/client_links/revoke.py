"""A client link is ended early, with the links that it made: by a person, or since it may no longer be used."""

from bot.cards.model import REVOKED_WITHIN, Card
from bot.cards.revoke import end_link
from bot.client_links.access import may_be_used
from bot.client_links.errors import ClientLinkGone
from bot.client_links.model import END_CLIENT_LINKS, ClientLink, ClientLinkId
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.events.model import CLIENT_LINK
from bot.people import access
from bot.people.audit import AuditRow
from bot.people.page_reader import BOT
from bot.profiles.redraw import views_changed
from bot.scheduling.job import Job


async def revoke_for(deps: Deps, viewer: Viewer, link_id: ClientLinkId) -> ClientLink:
    """Revoke a client link for whoever made it, or for an admin; raise NotAllowed, ClientLinkGone."""
    link = await deps.client_links.get(viewer.team, link_id)
    if link is None or link.made_by != viewer.user:
        await access.check_admin(deps, viewer)
    if link is None or not await revoke(deps, link, by=viewer.user):
        raise ClientLinkGone
    return link


async def revoke(deps: Deps, link: ClientLink, *, by: str) -> bool:
    """Revoke a client link, and the links that it made; return False if it was revoked before."""
    row = AuditRow("client_link_revoked", by=by, ref_id=link.ref_id, detail=link.id)
    rest = {Job(END_CLIENT_LINKS, link.ref_id): deps.clock.now() + REVOKED_WITHIN}
    ended = await deps.client_links.update(link, ClientLink.ended, audit=row, jobs=rest)
    if ended:
        await deps.scheduler.wake(link.team, at=deps.clock.now() + REVOKED_WITHIN)
        await views_changed(deps, link.team)
        await _end_links(deps, link.team, link.ref_id, by=by)
    return ended is not None


async def end_client_links(deps: Deps, team: TeamId, ref_id: RefId) -> None:
    """Revoke the client links to a profile that may no longer be used, and the links of those that were revoked.

    Raises SlackError in doubt.
    """
    for link in await deps.client_links.of_profile(team, ref_id):
        if not await may_be_used(deps, link):
            await revoke(deps, link, by=BOT)
    await _end_links(deps, team, ref_id, by=BOT)


async def end_client_links_of(deps: Deps, team: TeamId, user: UserId) -> None:
    """Revoke the client links that somebody made, or to their profiles, that may no longer be used.

    Raises SlackError in doubt.
    """
    held = {one.ref_id for one in await deps.mappings.of(team, user)}
    links = await deps.client_links.of_team(team)
    for ref_id in {one.ref_id for one in links if one.made_by == user or one.ref_id in held}:
        await end_client_links(deps, team, ref_id)


async def _end_links(deps: Deps, team: TeamId, ref_id: RefId, *, by: str) -> None:
    """End the links to a profile that were made by client links which were revoked."""
    for card in await deps.cards.live(team, ref_id):
        link_id = client_link_of(card)
        link = await deps.client_links.get(team, link_id) if link_id else None
        if link_id and (link is None or link.revoked):
            await end_link(deps.cards, deps.profiles, await deps.ayrshare.links(card.team), deps.audit, card, by=by)


def client_link_of(card: Card) -> ClientLinkId | None:
    """Return the client link that made a card's link, if one did."""
    return ClientLinkId(card.issued_by.removeprefix(CLIENT_LINK)) if card.issued_by.startswith(CLIENT_LINK) else None
