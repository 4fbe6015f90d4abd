"""The rows as a table for people, or as JSON."""

import json
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.cli.doctor.finding import Finding, Status

MARKS = {Status.OK: "ok", Status.NOTE: "note", Status.WRONG: "WRONG"}
STYLES = {Status.OK: "green", Status.NOTE: "yellow", Status.WRONG: "bold red"}
INDENTED = (0, 0, 0, 2)


def show(rows: Sequence[Finding], *, as_json: bool) -> None:
    """Write to standard output."""
    console = Console(highlight=False, markup=False, emoji=False)
    if as_json:
        console.out(json.dumps(_written(rows), indent=2), highlight=False)
    else:
        console.print(_table(rows))
        console.print(_summary(rows))


def sound(rows: Sequence[Finding]) -> bool:
    """Tell whether nothing is wrong."""
    return all(row.status is not Status.WRONG for row in rows)


def _written(rows: Sequence[Finding]) -> dict[str, object]:
    checks = [{"check": row.check, "status": row.status, "found": row.found, "hint": row.hint} for row in rows]
    return {"ok": sound(rows), "checks": checks}


def _table(rows: Sequence[Finding]) -> Table:
    """Put what to do under what was found, so that both have room on a narrow terminal."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        told: list[RenderableType] = [row.found]
        if row.hint:
            told.append(Padding(row.hint, INDENTED, style="dim"))
        table.add_row(Text(MARKS[row.status], style=STYLES[row.status]), row.check, Group(*told))
    return table


def _summary(rows: Sequence[Finding]) -> str:
    wrong = sum(row.status is Status.WRONG for row in rows)
    return f"{wrong} of {len(rows)} wrong." if wrong else "Nothing is wrong."
