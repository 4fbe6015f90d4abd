"""Deleting all data of a workspace: 30 days after it uninstalled the app, or at once from the shell."""

import structlog

from bot.core.model import TeamId
from bot.deps import Deps
from bot.workspaces.store import InstallationStore

log = structlog.get_logger()


async def forget_workspace(deps: Deps, place: TeamId, _: str) -> None:
    """Delete the data of a place, unless the app was installed there again, or in the whole organization."""
    if await deps.installations.installed_for(place) is None:
        teams = await forget(deps.installations, place)
        log.info("workspace_forgotten", place=place, workspaces=teams)


async def forget(installations: InstallationStore, place: TeamId) -> tuple[TeamId, ...]:
    """Delete what is stored of a place, tokens included, and of the workspaces that used its installation.

    A workspace with an installation of its own stays. Raises StoreUnavailable.
    """
    teams = tuple(
        [one for one in await installations.workspaces(place) if one == place or not await installations.installed(one)]
    )
    for team in dict.fromkeys((*teams, place)):
        await installations.delete_data(team)
    return teams
