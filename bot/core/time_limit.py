"""How long something may take, told apart from how long this process stood still."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

STEPS = 5
"""Of a time limit."""


@asynccontextmanager
async def limited_to(limit: timedelta) -> AsyncIterator[None]:
    """Raise TimeoutError if the block takes longer; a moment in which this process stood still counts as one step.

    After a pause of the machine, or behind a long computation, asyncio.timeout would give up an answer that has come.
    """
    loop = asyncio.get_running_loop()
    step = limit.total_seconds() / STEPS
    ticking: asyncio.TimerHandle

    def count(left: int) -> None:
        nonlocal ticking
        if left:
            ticking = loop.call_later(step, count, left - 1)
        else:
            timeout.reschedule(loop.time())

    async with asyncio.timeout(None) as timeout:
        ticking = loop.call_later(step, count, STEPS - 1)
        try:
            yield
        finally:
            ticking.cancel()
