"""Time as an argument: the system clock, and the protocol that a test's clock follows."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time (aware, UTC) and waits for a moment."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return at that moment, or at once if it is past."""
        ...


class SystemClock:
    """The system clock."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Return at that moment, or at once if it is past."""
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the wall clock may be set back
            await asyncio.sleep(left)


def read_seconds(text: str) -> int | None:
    """Return a time in seconds since 1970 as a header states it; None if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("1234567890") + 1 else None
