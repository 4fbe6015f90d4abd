"""`audit`: who made links for whom, what was refused, and which mappings changed."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from bot.cli.boundary import console, finish, settings_of
from bot.connections import redis_of
from bot.core.metrics import Metrics
from bot.core.model import TeamId
from bot.people.audit import AuditRow, AuditStore
from bot.profiles.mapping_store import MappingStore
from bot.settings import StoreSettings

START = datetime.fromtimestamp(0, UTC)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def audit(
    since: Annotated[str, typer.Option(help="A span such as 30m, 12h, 7d, or a moment such as 2026-03-01")] = "",
    user: Annotated[str, typer.Option(help="Only rows in which this user ID stands")] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,
) -> None:
    """Show the audit trail, oldest first."""
    start = _moment(since) if since else START
    rows = finish(_rows(settings_of(StoreSettings), start))
    wanted = [(team, row) for team, row in rows if user in {"", row.by, row.owner}]
    if as_json:
        for team, row in wanted:
            console.out(json.dumps(_as_json(team, row)), highlight=False)
    else:
        console.print(_table(wanted) if wanted else "Nothing to show.")


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


async def _rows(settings: StoreSettings, start: datetime) -> list[tuple[TeamId, AuditRow]]:
    async with redis_of(settings, metrics=Metrics()) as redis:
        store, rows = AuditStore(redis), []
        for team in await MappingStore(redis).teams():
            after = f"{max(0, int(start.timestamp() * 1000) - 1)}-0"
            while page := await store.page(team, after=after):
                rows += [(team, row) for _, row in page]
                after = page[-1][0]
        return rows


def _as_json(team: TeamId, row: AuditRow) -> dict[str, Any]:
    at = row.at.isoformat(timespec="milliseconds") if row.at else None
    known = {"at": at, "team": team, "what": row.action, "by": row.by, "for": row.owner, "profile": row.ref_id}
    return known | {"detail": row.detail}


def _table(rows: list[tuple[TeamId, AuditRow]]) -> Table:
    table = Table("at (UTC)", "workspace", "what", "by", "for", "profile", "detail")
    for team, row in rows:
        at = f"{row.at:%Y-%m-%d %H:%M:%S}" if row.at else ""
        table.add_row(at, team, row.action, row.by, row.owner or "", row.ref_id or "", row.detail)
    return table
