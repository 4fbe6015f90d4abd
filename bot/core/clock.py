"""Time as an argument: the real clock, and the shape a test's clock has to have."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time (aware, UTC) and waits for a moment."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return once `moment` has come; at once if it is past."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Return once `moment` has come; at once if it is past."""
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - the wall clock may be set back
            await asyncio.sleep(left)
