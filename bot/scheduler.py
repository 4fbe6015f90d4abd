"""What happens later, kept in this process: timers that die with it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from prometheus_client import Gauge

from bot.clock import Clock
from bot.model import CardId, TeamId

log = structlog.get_logger()

RedrawCard = Callable[[TeamId, CardId], Awaitable[None]]


class InProcessLater:
    """One timer a card; setting it again moves it."""

    def __init__(self, clock: Clock, live_cards: Gauge) -> None:
        self._clock = clock
        live_cards.set_function(lambda: len(self._timers))
        self._timers: dict[CardId, asyncio.Task[None]] = {}
        self._redraw: RedrawCard | None = None

    def runs(self, redraw_card: RedrawCard) -> None:
        """Say what a due moment sets off."""
        self._redraw = redraw_card

    async def redraw_card(self, team: TeamId, card: CardId, *, at: datetime) -> None:
        """Redraw a card at a moment; a later call for the same card takes the place of an earlier one."""
        earlier = self._timers.pop(card, None)
        if earlier is not None and earlier is not asyncio.current_task():
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
        try:
            if self._redraw is not None:
                await self._redraw(team, card)
        except Exception:
            log.exception("redraw_failed", card=card)
        finally:
            if self._timers.get(card) is asyncio.current_task():
                del self._timers[card]
