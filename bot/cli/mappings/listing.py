"""`mappings list` and `mappings export`: who has which profile, as a table, JSON and CSV. Neither prints a key."""

import sys
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from bot.cli.boundary import console, finish, settings_of, show_table
from bot.cli.mappings.common import OneTeam, Stores, directory_of, stores_of, team_of
from bot.cli.names import Names, profiles_named, read_names, short
from bot.core.model import RefId, TeamId
from bot.core.text import printable_json
from bot.mappings.imports.mapping_file import write
from bot.settings import StoreSettings, WorkspaceSettings


@dataclass(frozen=True, slots=True)
class ListedMapping:
    """One person's profile; `name` is the person's where Slack tells it, `disconnected` are accounts."""

    workspace: str
    person: str
    name: str
    profile: str
    title: str
    default: bool
    disconnected: str


def list_mappings(
    team: Annotated[str | None, typer.Argument(help="Only this workspace")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Only this profile: its ID, its title or part of its title")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """List who has which profile."""
    rows = finish(_rows(settings_of(StoreSettings), team))
    shown = rows if profile is None else _matching(profile, rows)
    if as_json:
        for row in shown:
            console.out(printable_json(asdict(row)), highlight=False)
    elif shown:
        _show(shown)
    elif rows:
        console.print(f'No mapped profile matches "{profile}".')
    else:
        where = f" in {team}" if team else ""
        console.print(f"Nobody is mapped{where} yet: `connectbot mappings set TEAM USER` adds somebody.")


async def _rows(settings: StoreSettings, team: str | None) -> list[ListedMapping]:
    names = await read_names(TeamId(team) if team else None)
    async with stores_of(settings) as stores:
        teams = [TeamId(team)] if team else await stores.mappings.teams()
        return [row for one in teams for row in await _of(stores, one, names)]


async def _of(stores: Stores, team: TeamId, names: Names) -> list[ListedMapping]:
    titles, dropped = await stores.profiles.all_titles(team), await stores.disconnected(team)
    return [
        ListedMapping(
            team,
            one.user,
            names.of(team, one.user),
            one.ref_id,
            titles.get(one.ref_id, "?"),
            default=one.default,
            disconnected=dropped.get(one.ref_id, ""),
        )
        for one in await stores.mappings.all(team)
    ]


def _matching(profile: str, rows: list[ListedMapping]) -> list[ListedMapping]:
    """Return the rows of the profiles that are meant, as `/connect` understands them."""
    meant = profiles_named({RefId(row.profile): row.title for row in rows}, profile)
    return [row for row in rows if row.profile in meant]


def _show(rows: list[ListedMapping]) -> None:
    """Print everything into a pipe; on a terminal leave out what all rows share, and most of a profile's ID."""
    wide = not console.is_terminal
    columns = {
        "workspace": [row.workspace for row in rows] if wide or len({row.workspace for row in rows}) > 1 else [],
        "person": [row.person for row in rows],
        "name": [row.name for row in rows] if wide or any(row.name for row in rows) else [],
        "profile": [row.profile if wide else short(row.profile) for row in rows],
        "title": [row.title for row in rows],
        "default": ["yes" if row.default else "" for row in rows],
        "disconnected": [row.disconnected for row in rows],
    }
    filled = {name: cells for name, cells in columns.items() if cells}
    show_table([*filled], [*zip(*filled.values(), strict=True)])


def export_mappings(team: OneTeam = None) -> None:
    """Write the mappings to standard output in the columns of `import`; the column of keys is empty."""
    sys.stdout.writelines(finish(_csv_lines(settings_of(WorkspaceSettings), team)))


async def _csv_lines(settings: WorkspaceSettings, team: str | None) -> list[str]:
    named = TeamId(team) if team else None
    async with stores_of(settings) as stores, directory_of(settings, named) as directory:
        one = named or await team_of(directory, stores)
        titles, dropped = await stores.profiles.all_titles(one), await stores.disconnected(one)
        return [*write(await stores.mappings.all(one), titles, dropped)]
