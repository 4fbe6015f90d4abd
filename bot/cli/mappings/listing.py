"""`mappings list`: who looks after which profile."""

from typing import Annotated

import typer
from rich.table import Table

from bot.cli.boundary import console, finish, settings_of
from bot.cli.mappings.stores import stores_of
from bot.core.model import TeamId
from bot.profiles.model import ProfileMapping
from bot.settings import StoreSettings

Rows = list[tuple[ProfileMapping, str]]


def list_mappings(
    team: Annotated[str | None, typer.Argument(help="Only this workspace")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="Only this profile: its ref_id, its title or part of its title")
    ] = None,
) -> None:
    """List who looks after which profile."""
    rows = finish(_rows(settings_of(StoreSettings), team))
    shown = rows if profile is None else _of(profile, rows)
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
            rows += [(mapping, titles.get(mapping.ref_id, "?")) for mapping in await stores.mappings.all(one)]
        return rows


def _of(profile: str, rows: Rows) -> Rows:
    """Choose as `/connect` does: a whole title beats a part of one, and case does not count."""
    wanted = profile.casefold()
    whole = [(mapping, title) for mapping, title in rows if wanted in {mapping.ref_id.casefold(), title.casefold()}]
    return whole or [(mapping, title) for mapping, title in rows if wanted in title.casefold()]


def _table(rows: Rows) -> Table:
    table = Table("workspace", "person", "profile", "title", "default")
    for mapping, title in rows:
        table.add_row(mapping.team, mapping.user, mapping.ref_id, title, "yes" if mapping.default else "")
    return table
