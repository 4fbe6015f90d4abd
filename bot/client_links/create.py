"""A client link is made: by somebody in Slack, or by an app."""

from datetime import timedelta

import structlog
from pydantic import SecretStr

from bot.client_links.access import check_available, check_may_make, responsible
from bot.client_links.model import ClientLink, ClientLinkOrder, NewClientLink, id_of, new_token
from bot.core.model import UserId
from bot.core.visible import without_invisible
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.profiles.errors import NoSuchProfile

log = structlog.get_logger()


async def create(deps: Deps, order: ClientLinkOrder) -> NewClientLink:
    """Make a client link for somebody in Slack, who is named on its page.

    Raises NoPublicUrl, ClientLinksOff, NotAllowed, AskedTooOften, and what `make` raises.
    """
    await check_may_make(deps, order)
    await deps.limits.count(order.team, UserId(order.by), "invitations")
    maker = await deps.people.ask(order.team, UserId(order.by))
    return await make(deps, order, sender=maker.name)


async def make(deps: Deps, order: ClientLinkOrder, *, sender: str) -> NewClientLink:
    """Make a client link, whoever orders it; `sender` is what the client reads of them.

    Raises NoPublicUrl, ClientLinksOff, NoSuchProfile, NobodyHasProfile, NetworkNotOffered, or SlackError in doubt.
    """
    check_available(deps)
    team, token, now = order.team, new_token(), deps.clock.now()
    deps.ayrshare.options.offered.check(order.networks)
    title = (await deps.overviews.titles(team, order.ref_id)).get(order.ref_id)
    if title is None:
        raise NoSuchProfile("I no longer know that profile.")
    owner = await responsible(deps, team, order.ref_id, first=order.by)
    link = ClientLink(
        id=id_of(token),
        team=team,
        ref_id=order.ref_id,
        title=title,
        made_by=order.by,
        sender=sender,
        workspace=await deps.people.workspace_name(team),
        client=without_invisible(order.client),
        made_at=now,
        expires_at=now + timedelta(days=order.days),
        most_uses=order.uses,
        networks=order.networks,
        note=without_invisible(order.note),
    )
    row = AuditRow("client_link_made", by=order.by, owner=owner, ref_id=order.ref_id, detail=link.id)
    await deps.client_links.create(link, audit=row)
    log.info("client_link_made", team=team, by=order.by, profile=order.ref_id, link=link.id)
    return NewClientLink(link, SecretStr(f"{deps.settings.public_url}/c/{token}"))
