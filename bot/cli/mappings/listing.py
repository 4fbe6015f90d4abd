"""`mappings list` and `mappings export`: who has which profile, as a table and as CSV. Neither prints a key."""

import sys
from typing import Annotated

import typer
from rich.table import Table

from bot.cli.boundary import console, finish, settings_of
from bot.cli.mappings.common import OneTeam, directory_of, stores_of, team_of
from bot.core.matching import best_matches
from bot.core.model import TeamId
from bot.mappings.imports.mapping_file import write
from bot.profiles.model import ProfileMapping
from bot.settings import StoreSettings, WorkspaceSettings

Rows = list[tuple[ProfileMapping, str, str]]
"""Mappings with the profiles' titles and what is disconnected."""


def list_mappings(
    team: Annotated[str | None, typer.Argument(help="Only this workspace")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Only this profile: its ref_id, its title or part of its title")
    ] = None,
) -> None:
    """List who has which profile."""
    rows = finish(_rows(settings_of(StoreSettings), team))
    shown = rows if profile is None else _matching(profile, rows)
    if shown:
        console.print(_table(shown))
    elif rows:
        console.print("Nobody looks after a profile with such a ref_id or title.")
    else:
        where = f" in {team}" if team else ""
        console.print(f"Nobody is mapped{where} yet: `mappings set TEAM USER` adds somebody.")


async def _rows(settings: StoreSettings, team: str | None) -> Rows:
    async with stores_of(settings) as stores:
        rows = []
        for one in [TeamId(team)] if team else await stores.mappings.teams():
            titles = await stores.profiles.titles(one)
            dropped = await stores.disconnected(one)
            rows += [
                (mapping, titles.get(mapping.ref_id, "?"), dropped.get(mapping.ref_id, ""))
                for mapping in await stores.mappings.all(one)
            ]
        return rows


def _matching(profile: str, rows: Rows) -> Rows:
    """Return the rows of a profile, matched as `/connect` does: a whole title before a part, ignoring case."""
    by_id = [row for row in rows if row[0].ref_id.casefold() == profile.casefold()]
    return by_id or list(best_matches(rows, profile, title=lambda row: row[1]))


def _table(rows: Rows) -> Table:
    table = Table("workspace", "person", "profile", "title", "default", "disconnected")
    for mapping, title, dropped in rows:
        table.add_row(mapping.team, mapping.user, mapping.ref_id, title, "yes" if mapping.default else "", dropped)
    return table


def export_mappings(team: OneTeam = None) -> None:
    """Write the mappings to standard output in the columns of `import`; the column of keys is empty."""
    sys.stdout.writelines(finish(_csv_lines(settings_of(WorkspaceSettings), team)))


async def _csv_lines(settings: WorkspaceSettings, team: str | None) -> list[str]:
    async with stores_of(settings) as stores, directory_of(settings) as directory:
        one = TeamId(team) if team else await team_of(directory, stores)
        titles, dropped = await stores.profiles.titles(one), await stores.disconnected(one)
        return [*write(await stores.mappings.all(one), titles, dropped)]
