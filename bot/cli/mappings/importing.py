"""`mappings import`: many people and profiles from a CSV file, all of it or nothing."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.boundary import console, finish, settings_of, stop
from bot.cli.mappings.arguments import OneTeam
from bot.cli.mappings.asking import identified, progress, verdicts
from bot.cli.mappings.difference import show_difference, show_problems
from bot.cli.mappings.stores import SHELL, Stores, stores_of
from bot.cli.mappings.workspace import directory_of, team_of
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId
from bot.mappings.imports.mapping_file import Table, is_email, read
from bot.mappings.imports.plan import Plan, make_plan
from bot.mappings.model import MAX_FILE_BYTES
from bot.settings import ImportSettings, WorkspaceSettings
from bot.slack.people import Directory
from bot.storage.errors import StoreUnavailable

UNTOUCHED = "Nothing has been changed."
PERHAPS = (
    "Redis gave no answer to the change. It was made as a whole or not at all: "
    "run this without --apply to see which, and with it to make it."
)


def import_mappings(
    file: Annotated[str, typer.Argument(metavar="FILE.csv", help="Columns user, profile_key, default; - is stdin")],
    team: OneTeam = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; otherwise the difference is only shown")] = False,
    check: Annotated[
        bool, typer.Option("--check/--no-check", help="Ask Ayrshare for each key, and Slack for each ID")
    ] = True,
) -> None:
    """Add the mappings of a CSV file to those there are: all of them, or none if anything is wrong."""
    settings = settings_of(ImportSettings if check else WorkspaceSettings)
    table = read(_content(file))
    if not table.rows:
        _end_without_rows(table)
    finish(_import(settings, table, TeamId(team) if team else None, apply=apply))


def _content(file: str) -> bytes:
    """Read no more than shows that it is too much."""
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as opened:
            return opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        stop(f"The file can't be read: {error.strerror}.", code=2)


def _end_without_rows(table: Table) -> None:
    if table.problems:
        show_problems(table.problems)
        stop(UNTOUCHED)
    console.print(f"The file has no rows. {UNTOUCHED}")
    raise typer.Exit


async def _import(settings: WorkspaceSettings, table: Table, team: TeamId | None, *, apply: bool) -> None:
    async with stores_of(settings) as stores:
        with _untouched():
            directory = directory_of(settings)
            team = team or await team_of(directory, stores)
            plan = await _plan(settings, table, team, stores, directory)
        show_difference(plan, table.notes)
        if not plan.batch:
            console.print("There is nothing to change.")
        elif not apply:
            console.print(f"{UNTOUCHED} Add --apply to do it.")
        else:
            await _apply(stores, team, plan)


@contextmanager
def _untouched() -> Iterator[None]:
    try:
        yield
    except ConnectbotError as error:
        stop(error.sentence, UNTOUCHED)


async def _plan(
    settings: WorkspaceSettings, table: Table, team: TeamId, stores: Stores, directory: Directory | None
) -> Plan:
    """Find out what the file would change; exit with 1 and everything that is wrong with it, if anything is."""
    check = isinstance(settings, ImportSettings)
    if not check and not any(is_email(row.user) for row in table.rows):
        directory = None
    if directory is not None and await directory.team() != team:
        directory = None
    known = await stores.known(team)
    with progress() as bars:
        users, unknown = await identified(settings, table.rows, directory, bars)
        told = await verdicts(settings, table.rows, known.profiles, bars)
    plan, wrong = make_plan(table.rows, users, told, known)
    problems = (*table.problems, *unknown, *wrong)
    if problems:
        show_problems(problems)
        stop(UNTOUCHED)
    return plan


async def _apply(stores: Stores, team: TeamId, plan: Plan) -> None:
    try:
        await stores.imports.apply(team, plan.batch, by=SHELL)
    except StoreUnavailable:
        stop(PERHAPS)
    console.print(f"Done, in workspace {team}.")
