"""`mappings import`: the mappings of a CSV file, all of them or none.

The difference is shown first; only `--apply` makes it. Every problem is listed by its line in the file.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bot.ayrshare.model import Profile
from bot.cli.boundary import console, errors, finish, settings_of, show_table, stop
from bot.cli.mappings.common import SHELL, OneTeam, Quiet, Stores, account_of, directory_of, stores_of, team_of
from bot.core.errors import ConnectbotError
from bot.core.model import TeamId
from bot.mappings.imports import resolve
from bot.mappings.imports.mapping_file import FileRow, MappingFile, RowProblem, is_id, read
from bot.mappings.imports.plan import Plan, PlannedChange, make_plan
from bot.mappings.model import MAX_FILE_BYTES
from bot.settings import ImportSettings, WorkspaceSettings
from bot.slack.people import Directory
from bot.storage.errors import StoreUnavailable

SHOWN = 40
"""Rows of the difference that are shown; the totals count the rest."""
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
    quiet: Quiet = False,
) -> None:
    """Add the mappings of a CSV file: all of them, or none if anything is wrong.

    A user is an ID, a name, an @handle or an e-mail address. The people are told, one a second. Links that were made
    with another key of a profile end.
    """
    settings = settings_of(ImportSettings if check else WorkspaceSettings)
    table = read(_content(file))
    if not table.rows:
        _end_without_rows(table)
    finish(_import(settings, table, TeamId(team) if team else None, apply=apply, quiet=quiet))


def _content(file: str) -> bytes:
    """Return the file's content, cut where it is too large to import."""
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as opened:
            return opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        stop(f"The file can't be read: {error.strerror}.", code=2)


def _end_without_rows(table: MappingFile) -> None:
    if table.problems:
        _show_problems(table.problems)
        stop(UNTOUCHED)
    console.print(f"The file has no rows. {UNTOUCHED}")
    raise typer.Exit


async def _import(
    settings: WorkspaceSettings, table: MappingFile, team: TeamId | None, *, apply: bool, quiet: bool
) -> None:
    async with stores_of(settings) as stores, directory_of(settings, team) as directory:
        try:
            team = team or await team_of(directory, stores)
            plan, people = await _plan(settings, table, team, stores, directory)
        except ConnectbotError as error:
            stop(error.sentence, UNTOUCHED)
        _show_difference(plan, table.notes, people)
        if not plan.batch:
            console.print("There is nothing to change.")
        elif not apply:
            console.print(f"{UNTOUCHED} Add --apply to do it.")
        else:
            await _apply(stores, team, plan, quiet=quiet)


async def _plan(
    settings: WorkspaceSettings, table: MappingFile, team: TeamId, stores: Stores, directory: Directory | None
) -> tuple[Plan, resolve.RequestedMembers | None]:
    """Return what the file would change, and whom it names; exit with 1 and all problems if there are any."""
    check = isinstance(settings, ImportSettings)
    if not check and all(is_id(row.user) for row in table.rows):
        directory = None
    if directory is not None and await directory.team() != team:
        directory = None
    known = await stores.known(team)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bars:
        people = await _find_people(table.rows, directory, bars)
        told = await _check_keys(settings, stores, team, table.rows, known.profiles, bars)
    guests, checked = settings.connect_guests == "allow", check and people is not None
    users, unknown = resolve.resolve_users(table.rows, people, check_ids=checked, guests=guests)
    plan, wrong = make_plan(table.rows, users, told, known)
    problems = (*table.problems, *unknown, *wrong)
    if problems:
        _show_problems(problems)
        stop(UNTOUCHED)
    return plan, people


async def _apply(stores: Stores, team: TeamId, plan: Plan, *, quiet: bool) -> None:
    try:
        await stores.imports.apply(team, plan.batch, by=SHELL, quiet=quiet)
        await stores.profiles.tell_apart(team)
        await stores.wake_worker(team)
    except StoreUnavailable:
        stop(PERHAPS)
    console.print(f"Done, in workspace {team}.")


async def _find_people(
    rows: Sequence[FileRow], directory: Directory | None, bars: Progress
) -> resolve.RequestedMembers | None:
    """Return whom the rows may mean, where Slack can be asked; raise DirectoryClosed."""
    if directory is None:
        return None
    return await resolve.find_members(rows, directory.members(), on_progress=_bar(bars, "People in Slack", None))


async def _check_keys(
    settings: WorkspaceSettings,
    stores: Stores,
    team: TeamId,
    rows: Sequence[FileRow],
    known: Sequence[Profile],
    bars: Progress,
) -> resolve.ResolvedKeys:
    """Return the profile of each key; raise AyrshareError."""
    given = {row.key for row in rows if row.key}
    if not isinstance(settings, ImportSettings) or not given:
        return resolve.match_keys(given, known)
    async with account_of(settings, stores, team) as ayrshare:
        return await resolve.check_keys(
            ayrshare,
            given,
            own=await stores.account_keys.get(team) or settings.ayrshare_api_key,
            primary=await ayrshare.primary(),
            on_progress=_bar(bars, "Profile keys", len(given)),
        )


def _bar(bars: Progress, what: str, total: int | None) -> Callable[[int], None]:
    task = bars.add_task(what, total=total)
    return lambda count: bars.advance(task, count)


def _show_problems(problems: Iterable[RowProblem]) -> None:
    """Print every problem to standard error, by line."""
    errors.print("\n".join(map(str, sorted(problems))))


def _show_difference(plan: Plan, notes: Sequence[str], people: resolve.RequestedMembers | None) -> None:
    """Print what would change, the totals, and the notes."""
    shown = plan.changes[:SHOWN]
    if shown:
        names = [people.name(change.user) if people else "" for change in shown]
        rows = (
            (change.user, name, change.title, change.ref_id, _change(change))
            for change, name in zip(shown, names, strict=True)
        )
        show_table(("person", "name", "title", "profile", "change"), rows)
    if len(plan.changes) > SHOWN:
        console.print(f"… and {len(plan.changes) - SHOWN:,} more.")
    for line in (*_totals(plan), *plan.notes, *notes):
        console.print(line)


def _change(change: PlannedChange) -> str:
    if not change.new:
        return "becomes the default"
    return "new, the default" if change.default else "new"


def _totals(plan: Plan) -> Iterable[str]:
    new = sum(change.new for change in plan.changes)
    yield (
        f"Mappings: {new:,} new, {len(plan.changes) - new:,} become the default, {plan.unchanged:,} unchanged. "
        f"People: {plan.new_people:,} new. "
        f"Profiles: {plan.new_profiles:,} new, {plan.updated_profiles:,} updated."
    )
    if plan.batch.replaced:
        yield f"Profiles that were stored unchecked and get their own name now: {len(plan.batch.replaced):,}."
