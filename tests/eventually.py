"""Waiting for a condition, with a deadline and words for what never came."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
LOOK_EVERY = 0.005


async def eventually(
    look: Callable[[], Awaitable[T | None]], what: str, *, within: float = 5.0, last: Callable[[], object] | None = None
) -> T:
    """Return the first truthy result of `look`."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(LOOK_EVERY)
    raise AssertionError(f"never happened within {within} s: {what}{f'; last: {last()}' if last else ''}")
