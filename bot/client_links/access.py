"""Who may make a client link, and whether one may still be used: as Slack and the mappings say now."""

from bot.client_links.errors import ClientLinksOff, NobodyHasProfile, NoProfiles, NoPublicUrl
from bot.client_links.model import ClientLink
from bot.core.model import RefId, TeamId, UserId, Viewer
from bot.deps import Deps
from bot.people import access
from bot.profiles.holders import is_held, served_holders


def check_available(deps: Deps) -> None:
    """Return if there can be client links at all; raise NoPublicUrl, ClientLinksOff."""
    if not deps.settings.public_url:
        raise NoPublicUrl
    if deps.settings.connect_client_links == "nobody":
        raise ClientLinksOff


def may_make_client_links(deps: Deps, *, admin: bool) -> bool:
    """Return whether an admin, or somebody who has a profile, may make client links by the settings."""
    allowed = deps.settings.connect_client_links
    return bool(deps.settings.public_url) and allowed != "nobody" and (admin or allowed == "owners")


async def profiles_to_choose(deps: Deps, viewer: Viewer) -> dict[RefId, str]:
    """Return the profiles to which somebody may make client links, by their titles.

    Raises NoPublicUrl, ClientLinksOff, NoProfiles, NotAllowed, or SlackError in doubt.
    """
    check_available(deps)
    person = await access.check_caller(deps, viewer)
    if await access.is_admin(deps, viewer.team, person):
        if not (titles := await deps.profiles.all_titles(viewer.team)):
            raise NoProfiles
        return titles
    held = [one.ref_id for one in await deps.mappings.of(viewer.team, viewer.user)]
    if deps.settings.connect_client_links == "admins" or not held:
        await access.check_admin(deps, viewer)
    return await deps.profiles.titles(viewer.team, *held)


async def check_may_make(deps: Deps, viewer: Viewer, ref_id: RefId) -> None:
    """Return if this person may make client links to a profile.

    Raises NoPublicUrl, ClientLinksOff, NotAllowed, or SlackError in doubt.
    """
    check_available(deps)
    await access.check_caller(deps, viewer)
    owners = deps.settings.connect_client_links == "owners"
    if not owners or viewer.user not in await deps.mappings.holders(viewer.team, ref_id):
        await access.check_admin(deps, viewer)


async def responsible(deps: Deps, team: TeamId, ref_id: RefId, *, first: str = "") -> UserId:
    """Return who answers for what a client connects: one of the people who have the profile, preferably `first`.

    Raises NobodyHasProfile, or SlackError in doubt.
    """
    async for user in served_holders(deps, team, ref_id, first=first):
        return user
    raise NobodyHasProfile


async def may_be_used(deps: Deps, link: ClientLink) -> bool:
    """Return whether whoever made a client link might still make it, and somebody has the profile.

    Raises SlackError in doubt.
    """
    allowed, maker = deps.settings.connect_client_links, link.maker
    if allowed == "nobody" or not await is_held(deps, link.team, link.ref_id):
        return False
    if maker is None:
        keys, now = await deps.api_keys.all(link.team), deps.clock.now()
        return any(key.actor == link.made_by and key.covers(link.ref_id) and key.works(now) for key, _ in keys)
    if allowed == "owners" and maker in await deps.mappings.holders(link.team, link.ref_id):
        return access.is_served(deps, await deps.people.get(link.team, maker))
    return await access.is_still_admin(deps, link.team, maker)
