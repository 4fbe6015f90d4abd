"""A client link is made: by somebody in Slack, or by an app."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from pydantic import SecretStr

from bot.client_links.access import check_available, check_may_make, responsible
from bot.client_links.errors import OutOfRange
from bot.client_links.model import (
    FEWEST_USES,
    LONGEST_DAYS,
    LONGEST_NAME,
    LONGEST_NOTE,
    MOST_USES,
    SHORTEST_DAYS,
    ClientLink,
    ClientLinkOrder,
    NewClientLink,
    id_of,
    new_token,
)
from bot.core.model import Viewer
from bot.core.visible import without_invisible
from bot.deps import Deps
from bot.people.audit import AuditRow
from bot.profiles.errors import ProfileUnknown
from bot.profiles.redraw import views_changed
from bot.storage.transaction import AddTo

log = structlog.get_logger()


async def create_for_person(deps: Deps, viewer: Viewer, order: ClientLinkOrder) -> NewClientLink:
    """Make a client link for somebody in Slack, who is named on its page.

    What can't be made counts as no try. Raises NotAllowed, AskedTooOften, and what `create` raises.
    """
    await check_may_make(deps, viewer, order.ref_id)
    _check(deps, order)
    await deps.limits.count(viewer.team, viewer.user, "client_links")
    maker = await deps.people.ask(viewer.team, viewer.user)
    return await create(deps, order, sender=maker.name)


async def create(
    deps: Deps, order: ClientLinkOrder, *, sender: str, also: Callable[[NewClientLink], AddTo] | None = None
) -> NewClientLink:
    """Make a client link, whoever orders it; `sender` is what the client reads of them.

    `also` says what else is written in the same step.

    Raises NoPublicUrl, ClientLinksOff, OutOfRange, NetworkNotOffered, NoSuchProfile, NobodyHasProfile, or SlackError
    in doubt.
    """
    check_available(deps)
    _check(deps, order)
    token = new_token()
    link = await _link(deps, order, token, sender=sender)
    await responsible(deps, order.team, order.ref_id)
    row = AuditRow("client_link_made", by=order.by, ref_id=order.ref_id, detail=link.id)
    new = NewClientLink(link, SecretStr(f"{deps.settings.public_url}/c/{token}"))
    await deps.client_links.create(link, audit=row, also=also and also(new))
    await views_changed(deps, order.team)
    log.info("client_link_made", team=link.team, by=order.by, profile=order.ref_id, link=link.id)
    return new


def _check(deps: Deps, order: ClientLinkOrder) -> None:
    deps.ayrshare.options.offered.check(order.networks)
    if not SHORTEST_DAYS <= order.days <= LONGEST_DAYS:
        raise OutOfRange("days", SHORTEST_DAYS, LONGEST_DAYS)
    if not FEWEST_USES <= order.uses <= MOST_USES:
        raise OutOfRange("uses", FEWEST_USES, MOST_USES)


async def _link(deps: Deps, order: ClientLinkOrder, token: str, *, sender: str) -> ClientLink:
    team, now = order.team, deps.clock.now()
    title = (await deps.profiles.titles(team, order.ref_id)).get(order.ref_id)
    if title is None:
        raise ProfileUnknown
    return ClientLink(
        id=id_of(token),
        team=team,
        ref_id=order.ref_id,
        title=title,
        made_by=order.by,
        sender=sender,
        workspace=await deps.people.workspace_name(team),
        client=without_invisible(order.client)[:LONGEST_NAME],
        made_at=now,
        expires_at=now + timedelta(days=order.days),
        most_uses=order.uses,
        networks=order.networks,
        note=without_invisible(order.note)[:LONGEST_NOTE],
        notify=order.notify,
    )
