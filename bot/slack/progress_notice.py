"""A word to somebody who waits, where Ayrshare takes its time: it may take 15 s, and people give up after three."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from bot.core.metrics import elsewhere
from bot.deps import Deps
from bot.slack.errors import ModalClosed, ResponseUrlRefused, SlackError
from bot.slack.modals import notice
from bot.slack.model import DirectMessage, ModalRef, Surface
from bot.slack.text import sentence

SILENCE = timedelta(seconds=2.5)
STILL_TRYING = "Ayrshare is taking its time. I keep trying for a few more seconds."

T = TypeVar("T")


async def with_progress_notice(deps: Deps, place: Surface, work: Coroutine[Any, Any, T]) -> T:
    """Return what the work returns; say once that it goes on if it takes longer than 2.5 s."""
    until = deps.clock.now() + SILENCE
    working, waiting = asyncio.create_task(work), asyncio.create_task(deps.clock.sleep_until(until))
    try:
        with elsewhere():
            await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await _say(deps, place)
            return await working
    finally:
        working.cancel()
        waiting.cancel()


async def _say(deps: Deps, place: Surface) -> None:
    try:
        if isinstance(place, ModalRef):
            await deps.views.update(place.view, notice(STILL_TRYING))
        elif (answer := place.response_url if isinstance(place, DirectMessage) else place) is not None:
            await deps.response_urls.post(answer, sentence(STILL_TRYING))
    except (ResponseUrlRefused, SlackError, ModalClosed):
        return  # what the work brings will find another way
