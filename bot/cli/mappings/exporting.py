"""`mappings export`: the mappings as a CSV file, without keys."""

import sys

from bot.cli.boundary import finish, settings_of
from bot.cli.mappings.arguments import OneTeam
from bot.cli.mappings.stores import stores_of
from bot.cli.mappings.workspace import directory_of, team_of
from bot.core.model import TeamId
from bot.mappings.imports.mapping_file import write
from bot.settings import WorkspaceSettings


def export_mappings(team: OneTeam = None) -> None:
    """Write the mappings to standard output, in the columns of `import`; the keys' column is empty."""
    sys.stdout.writelines(finish(_lines(settings_of(WorkspaceSettings), team)))


async def _lines(settings: WorkspaceSettings, team: str | None) -> list[str]:
    async with stores_of(settings) as stores:
        one = TeamId(team) if team else await team_of(directory_of(settings), stores)
        return [*write(await stores.mappings.all(one), await stores.profiles.titles(one))]
