"""A row, and how every row is always there."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.core.errors import ConnectbotError

NOT_CHECKED = "not checked, because of another row"


class Status(StrEnum):
    """`note` is for what is worth knowing but not wrong."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One row: what was found, and in `hint` what to do, where there is something to do."""

    check: str
    status: Status
    found: str
    hint: str = ""


class Findings:
    """The rows of some checks; a later finding on a check counts in place of an earlier one."""

    def __init__(self, *checks: str) -> None:
        self._rows: dict[str, Finding | None] = dict.fromkeys(checks)

    def ok(self, check: str, found: str) -> None:
        """Say that it is as it should be."""
        self._rows[check] = Finding(check, Status.OK, found)

    def note(self, check: str, found: str, hint: str = "") -> None:
        """Say what is worth knowing."""
        self._rows[check] = Finding(check, Status.NOTE, found, hint)

    def wrong(self, check: str, found: str, hint: str) -> None:
        """Say what is wrong."""
        self._rows[check] = Finding(check, Status.WRONG, found, hint)

    def rows(self) -> list[Finding]:
        """Return all rows, those without a finding as notes."""
        return [row or Finding(check, Status.NOTE, NOT_CHECKED) for check, row in self._rows.items()]

    async def fill(self, work: Coroutine[Any, Any, None], *, within: float) -> None:
        """Let `work` find within so many seconds; what stops it is a finding on the first check it did not get to."""
        try:
            async with asyncio.timeout(within):
                await work
        except TimeoutError:
            self._stopped(
                f"no answer within {within:g} s", "A proxy, firewall or name server on the way may swallow it."
            )
        except ConnectbotError as error:
            self._stopped("does not work", error.sentence)
        except Exception as error:  # noqa: BLE001 - one check that stumbles must not hide what the others found
            self._stopped(f"could not be checked ({type(error).__name__})", "That is a fault of doctor: report it.")

    def _stopped(self, found: str, hint: str) -> None:
        missing = [check for check, row in self._rows.items() if row is None]
        for check in missing[:1]:
            self.wrong(check, found, hint)
