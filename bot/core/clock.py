"""Time as an argument: the system clock, and the protocol that a test's clock follows."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

import structlog

CLOSE = timedelta(seconds=5)
"""How far a service's `Date`, in whole seconds, may be from our time; and how far two differences may be apart."""
YEARS = range(2020, 2100)
"""In which it may be now: a service whose own clock isn't set says 1970."""
USUALLY_TOLD_WITHIN = timedelta(seconds=2)
"""Slack waits 3 s for an answer to a command."""

log = structlog.get_logger()


class Clock(Protocol):
    """Tells the time (aware, UTC) and waits for a moment."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return at that moment, or at once if it is past."""
        ...


class SystemClock:
    """The machine's time at the start of the process, carried on by its clock that never jumps.

    Slack's time corrects it: a machine's own time may be set wrong, or set forth and back.
    """

    def __init__(self) -> None:
        self._offset = time.time() - _running()
        self._difference: timedelta | None = None
        self._told = asyncio.Event()

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.fromtimestamp(_running() + self._offset, UTC)

    def hear(self, date: str, *, took: timedelta) -> None:
        """Take in the `Date` of an answer that took so long; set the clock after two in a row that agree."""
        difference = ahead(date, began=self.now() - took, ended=self.now())
        before, self._difference = self._difference, difference
        if before and difference and abs(difference - before) <= CLOSE:
            log.warning("clock_set", seconds=round(difference.total_seconds()), why="Slack's time differs from ours")
            self._offset += difference.total_seconds()
            self._difference = None

    def told(self) -> None:
        """Note that Slack was asked for its time at the start, whatever came of it."""
        self._told.set()

    async def wait_until_told(self) -> None:
        """Wait until Slack was asked for its time, but not much longer than that usually takes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(USUALLY_TOLD_WITHIN.total_seconds()):
                await self._told.wait()

    async def sleep_until(self, moment: datetime) -> None:
        """Return at that moment, or at once if it is past."""
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the wall clock may be set back
            await asyncio.sleep(left)


def ahead(date: str, *, began: datetime, ended: datetime) -> timedelta | None:
    """Return how far the clock of a service is ahead of ours by the `Date` of its answer, None if they agree.

    A `Date` that can't be read tells nothing.
    """
    theirs = read_date(date)
    if theirs is None:
        return None
    if theirs < began - CLOSE:
        return theirs - began
    return theirs - ended if theirs > ended + CLOSE else None


def read_date(text: str) -> datetime | None:
    """Return the moment of a date in a header, in UTC; None if it is none, or in no year that it could be now.

    https://www.rfc-editor.org/rfc/rfc9110#field.date
    """
    try:
        moment = parsedate_to_datetime(text)
        found = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return found if found.year in YEARS else None


def seconds_of(clock: Clock) -> float:
    """Return the present in seconds since 1970, by which requests are signed; a test's clock doesn't move that."""
    return clock.now().timestamp() if isinstance(clock, SystemClock) else time.time()


def _running() -> float:
    """Return seconds on a clock that counts on while the machine sleeps, where it has one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def read_seconds(text: str) -> int | None:
    """Return a time in seconds since 1970 as a header states it; None if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("1234567890") + 1 else None
