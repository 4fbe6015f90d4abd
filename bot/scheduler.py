"""What happens later, kept in this process: timers that die with it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Protocol

from prometheus_client import Gauge

from bot.clock import Clock
from bot.model import CardId, TeamId

RedrawCard = Callable[[TeamId, CardId], Coroutine[Any, Any, None]]


class Tasks(Protocol):
    """Runs what a timer sets off."""

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it to its end, also through a shutdown."""
        ...


class InProcessLater:
    """One timer a card; setting it again moves it."""

    def __init__(self, clock: Clock, background: Tasks, live_cards: Gauge) -> None:
        self._clock = clock
        self._background = background
        live_cards.set_function(lambda: len(self._timers))
        self._timers: dict[CardId, asyncio.Task[None]] = {}
        self._redraw: RedrawCard | None = None

    def runs(self, redraw_card: RedrawCard) -> None:
        """Say what a due moment sets off."""
        self._redraw = redraw_card

    async def redraw_card(self, team: TeamId, card: CardId, *, at: datetime) -> None:
        """Redraw a card at a moment; a later call for the same card takes the place of an earlier one."""
        earlier = self._timers.pop(card, None)
        if earlier is not None:
            earlier.cancel()
        self._timers[card] = asyncio.create_task(self._when_due(team, card, at))

    async def close(self) -> None:
        """Stop all timers."""
        timers = list(self._timers.values())
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)

    async def _when_due(self, team: TeamId, card: CardId, at: datetime) -> None:
        await self._clock.sleep_until(at)
        del self._timers[card]  # from here on a new timer no longer cancels what this one sets off
        if self._redraw is not None:
            self._background.start(self._redraw(team, card))
