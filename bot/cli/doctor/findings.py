"""The report of `doctor`: its rows, how each check always has one, and the table or JSON that shows them."""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.cli.boundary import SafeConsole
from bot.core.errors import ConnectbotError

NOT_CHECKED = "not checked, because of another row"


class Status(StrEnum):
    """`note` is worth knowing, but not wrong."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was found, and in `hint` what to do about it, if anything."""

    check: str
    status: Status
    found: str
    hint: str = ""
    sums_up: bool = False
    """Whether other rows say the same one by one."""

    @property
    def was_checked(self) -> bool:
        """Whether it could be looked at."""
        return self.found != NOT_CHECKED


class Findings:
    """The rows of some checks. A later finding on a check replaces an earlier one."""

    def __init__(self, *checks: str) -> None:
        self._rows: dict[str, Finding | None] = dict.fromkeys(checks)

    def ok(self, check: str, found: str) -> None:
        """Record that a check passed."""
        self._rows[check] = Finding(check, Status.OK, found)

    def note(self, check: str, found: str, hint: str = "") -> None:
        """Record what is worth knowing."""
        self._rows[check] = Finding(check, Status.NOTE, found, hint)

    def wrong(self, check: str, found: str, hint: str, *, sums_up: bool = False) -> None:
        """Record what is wrong, and what to do."""
        self._rows[check] = Finding(check, Status.WRONG, found, hint, sums_up=sums_up)

    def rows(self) -> list[Finding]:
        """Return one row per check; a check without a finding is a note."""
        return [row or Finding(check, Status.NOTE, NOT_CHECKED) for check, row in self._rows.items()]

    async def fill(self, work: Coroutine[Any, Any, None], *, within: float) -> None:
        """Run the checks of `work`. An error or a timeout is a finding on the first check that has none."""
        try:
            async with asyncio.timeout(within):
                await work
        except TimeoutError:
            self._record_stop(
                f"no answer within {within:g} s", "A proxy, firewall or name server on the way may swallow it."
            )
        except ConnectbotError as error:
            self._record_stop("does not work", error.sentence)
        except Exception as error:  # noqa: BLE001 - a fault of one check must not hide the other findings
            self._record_stop(f"could not be checked ({type(error).__name__})", "That is a fault of doctor: report it.")

    def _record_stop(self, found: str, hint: str) -> None:
        missing = [check for check, row in self._rows.items() if row is None]
        for check in missing[:1]:
            self.wrong(check, found, hint)


MARKS = {Status.OK: "ok", Status.NOTE: "note", Status.WRONG: "WRONG"}
STYLES = {Status.OK: "green", Status.NOTE: "yellow", Status.WRONG: "bold red"}
INDENTED = (0, 0, 0, 2)


def show(rows: Sequence[Finding], *, as_json: bool) -> None:
    """Write the report to standard output."""
    console = SafeConsole(highlight=False, markup=False, emoji=False)
    if as_json:
        console.out(json.dumps(_as_json(rows), indent=2), highlight=False)
    else:
        console.print(_table([row for row in rows if row.was_checked and not row.sums_up]))
        console.print(_summary(rows))


def is_sound(rows: Sequence[Finding]) -> bool:
    """Return whether nothing is wrong."""
    return all(row.status is not Status.WRONG for row in rows)


def _as_json(rows: Sequence[Finding]) -> dict[str, object]:
    checks = [{"check": row.check, "status": row.status, "found": row.found, "hint": row.hint} for row in rows]
    return {"ok": is_sound(rows), "checks": checks}


def _table(rows: Sequence[Finding]) -> Table:
    """Put the hint under the finding, so that both fit on a narrow terminal."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        cell: list[RenderableType] = [row.found]
        if row.hint:
            cell.append(Padding(row.hint, INDENTED, style="dim"))
        table.add_row(Text(MARKS[row.status], style=STYLES[row.status]), row.check, Group(*cell))
    return table


def _summary(rows: Sequence[Finding]) -> str:
    """Count what is wrong, and name what couldn't be looked at in one line."""
    wrong = sum(row.status is Status.WRONG and not row.sums_up for row in rows)
    checked = sum(row.was_checked and not row.sums_up for row in rows)
    left = [row.check for row in rows if not row.was_checked]
    said = f"{wrong} of {checked} checks found something wrong." if wrong else "Nothing is wrong."
    return f"Not checked, because of what is wrong above: {', '.join(left)}.\n{said}" if left and wrong else said
