"""Waiting for a condition, with a deadline and a description of what never came."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
FIRST_PAUSE, LONGEST_PAUSE, GROWTH = 0.005, 0.05, 1.5
"""Seconds between two looks: most looks ask the sandbox over HTTP, which costs as much as what they wait for."""


async def eventually(
    look: Callable[[], Awaitable[T | None]],
    what: str,
    *,
    within: float = 15.0,
    last: Callable[[], object] | None = None,
) -> T:
    """Return the first truthy result of `look`."""
    deadline = time.monotonic() + within
    pause = FIRST_PAUSE
    while time.monotonic() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(pause)
        pause = min(pause * GROWTH, LONGEST_PAUSE)
    raise AssertionError(f"never happened within {within} s: {what}{f'; last: {last()}' if last else ''}")
