"""Which client links somebody sees: all as an admin, else those that they made."""

from bot.client_links.model import ClientLink
from bot.core.model import Viewer
from bot.deps import Deps
from bot.people import access


async def client_links_of(deps: Deps, viewer: Viewer) -> tuple[ClientLink, ...]:
    """Return the client links that weren't revoked, the newest first; raise NotAllowed, or SlackError in doubt."""
    person = await access.check_caller(deps, viewer)
    links = await deps.client_links.of_team(viewer.team)
    if await access.is_admin(deps, viewer.team, person):
        return links
    return tuple(one for one in links if one.made_by == viewer.user)
