"""`audit`: who made links for whom, what was refused, and which mappings changed."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from bot.cli.boundary import console, finish, settings_of, show_table
from bot.cli.mappings.common import Stores, stores_of
from bot.cli.names import Names, read_names, short
from bot.core.model import RefId, TeamId
from bot.core.text import printable_json
from bot.people.audit import AuditRow, AuditStore
from bot.settings import StoreSettings

START = datetime.fromtimestamp(0, UTC)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A row of the audit log, with the names and the title where they are known."""

    team: TeamId
    row: AuditRow
    by_name: str
    for_name: str
    title: str


def audit(
    since: Annotated[str, typer.Option(help="A span such as 30m, 12h, 7d, or a moment such as 2026-03-01")] = "",
    user: Annotated[
        str, typer.Option(help="Only what this person did or what was done for them: an ID or a name")
    ] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Show the audit log, oldest first."""
    entries = finish(_entries(settings_of(StoreSettings), _moment(since) if since else START, user))
    if as_json:
        for entry in entries:
            console.out(printable_json(_as_json(entry)), highlight=False)
    elif entries:
        _show(entries)
    else:
        console.print("Nothing to show.")


def _moment(text: str) -> datetime:
    span = re.fullmatch(r"(\d{1,6})([mhd])", text)
    if span:
        length = timedelta(**{UNITS[span[2]]: int(span[1])})
        return datetime.now(UTC) - min(length, datetime.now(UTC) - START)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a span such as 30m, 12h, 7d, or a moment such as 2026-03-01T08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _entries(settings: StoreSettings, start: datetime, user: str) -> list[NamedRow]:
    names = await read_names()
    meant = {user, *(one.id for one in names.called(user))}
    async with stores_of(settings) as stores:
        found = []
        for team in await stores.mappings.teams():
            titles = await stores.profiles.all_titles(team)
            rows = [row async for row in _rows(stores, team, start) if not user or {row.by, row.owner} & meant]
            found += [_named(team, row, names, titles) for row in rows]
        return found


async def _rows(stores: Stores, team: TeamId, start: datetime) -> AsyncIterator[AuditRow]:
    store, after = AuditStore(stores.mappings.connection), f"{max(0, int(start.timestamp() * 1000) - 1)}-0"
    while page := await store.page(team, after=after):
        for _, row in page:
            yield row
        after = page[-1][0]


def _named(team: TeamId, row: AuditRow, names: Names, titles: Mapping[RefId, str]) -> NamedRow:
    title = titles.get(row.ref_id, "") if row.ref_id else ""
    return NamedRow(team, row, names.of(team, row.by), names.of(team, row.owner), title)


def _as_json(entry: NamedRow) -> dict[str, Any]:
    row, at = entry.row, entry.row.at.isoformat(timespec="milliseconds") if entry.row.at else None
    known = {"at": at, "team": entry.team, "what": row.action, "by": row.by, "for": row.owner, "profile": row.ref_id}
    return known | {"detail": row.detail, "by_name": entry.by_name, "for_name": entry.for_name, "title": entry.title}


def _show(entries: Sequence[NamedRow]) -> None:
    """Print everything into a pipe, and on a terminal names where they are known in place of IDs."""
    if console.is_terminal:
        show_table(("at (UTC)", "what", "by", "for", "profile", "detail"), map(_briefly, entries))
    else:
        columns = ("at (UTC)", "workspace", "what", "by", "by name", "for", "for name", "profile", "title", "detail")
        show_table(columns, map(_wholly, entries))


def _briefly(entry: NamedRow) -> tuple[str, ...]:
    row, what = entry.row, entry.row.action.replace("_", " ")
    people = entry.by_name or row.by, entry.for_name or row.owner or ""
    detail = "" if row.action.startswith("link_") else row.detail  # which card it was
    return f"{row.at:%Y-%m-%d %H:%M}" if row.at else "", what, *people, entry.title or short(row.ref_id), detail


def _wholly(entry: NamedRow) -> tuple[str, ...]:
    row, at = entry.row, f"{entry.row.at:%Y-%m-%d %H:%M:%S}" if entry.row.at else ""
    people = row.by, entry.by_name, row.owner or "", entry.for_name
    return at, entry.team, row.action, *people, row.ref_id or "", entry.title, row.detail
