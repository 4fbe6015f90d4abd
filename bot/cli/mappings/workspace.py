"""Which workspace a command is about, and who is in it."""

from typing import NoReturn

from bot.cli.boundary import stop
from bot.cli.mappings.stores import Stores
from bot.core.model import TeamId
from bot.settings import WorkspaceSettings
from bot.slack.people import Directory


def directory_of(settings: WorkspaceSettings) -> Directory | None:
    """Return the list of the people in the token's workspace, if there is a token."""
    token = settings.slack_bot_token
    return Directory(token, api_url=settings.slack_api_url) if token else None


async def team_of(directory: Directory | None, stores: Stores) -> TeamId:
    """Return the token's workspace, else the only one known; exit with 2 where that leaves a choice."""
    if directory is not None:
        return await directory.team()
    teams = await stores.mappings.teams()
    return teams[0] if len(teams) == 1 else _which(teams)


def _which(teams: tuple[TeamId, ...]) -> NoReturn:
    known = f" Known are {', '.join(teams)}." if teams else ""
    stop(f"Which workspace? Name it with --team, such as --team T0123ABC, or set SLACK_BOT_TOKEN.{known}", code=2)
