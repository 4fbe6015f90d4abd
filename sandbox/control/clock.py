"""Control calls that show and move the clock of the sandbox, and of a bot that follows it.

What Ayrshare announces ahead of time is announced when the clock is moved.
"""

import asyncio
from datetime import timedelta
from math import ceil

from sandbox.control.request import BadRequest, ControlRequest, Services
from sandbox.slack.api_types import Json

YEAR = timedelta(days=366)
"""The clock is moved by so much at most in one call."""
STOP_SECONDS = 2
"""After the last link has ended, a longer move stops for so long on the clock."""
LOOKS, LOOK_SECONDS = 8, 0.2
"""How often a stop looks at most whether the bot is done with its cards, and the pause before each look."""


async def clock(services: Services, request: ControlRequest) -> Json:
    """Tell the time; with `ahead`, the seconds that a follower is ahead, wait until the clock has been moved."""
    if "ahead" in request:
        await services.clock.follow(timedelta(seconds=request.number("ahead", 0)))
    return _as_json(services)


async def move_clock(services: Services, request: ControlRequest) -> Json:
    """Move the clock forward by `seconds`, or `to` a moment in seconds since 1970.

    `followed` tells whether the bot's clock has moved along; it needs to be a bot that follows the sandbox's. A move
    beyond the last link's end stops there, so that a card can say so while Slack still lets it be changed.
    """
    request.check_names("seconds", "to")
    now, most = services.clock.now().timestamp(), int(YEAR.total_seconds())
    seconds = request.number("seconds", 0, maximum=most)
    if "to" in request:
        seconds = request.number("to", 0, minimum=0, maximum=int(now) + most) - int(now)
    if seconds < 0:
        raise BadRequest("'to' is past: the clock is moved forward only")
    since, stop = services.clock.now(), _seconds_to_stop(services)
    if services.clock.followers and 0 < stop < seconds:
        await services.clock.move(timedelta(seconds=stop))
        await _bot_is_done(services)
        seconds -= stop
    followed = await services.clock.move(timedelta(seconds=seconds))
    services.ayrshare.announce_refreshes(since)
    return {"ok": True, "followed": followed, **_as_json(services)}


def _seconds_to_stop(services: Services) -> int:
    now = services.clock.now()
    ends = [link.expires_at for link in services.ayrshare.links.issued if link.works(now)]
    return ceil((max(ends) - now).total_seconds()) + STOP_SECONDS if ends else 0


async def _bot_is_done(services: Services) -> None:
    """Wait until the bot has called Slack and doesn't any more, or for a while if it doesn't call."""
    calls, has_called = services.slack.calls, False
    for _ in range(LOOKS):
        before = calls.exchanges[-1].order if calls.exchanges else 0
        await asyncio.sleep(LOOK_SECONDS)
        calls_now = bool(calls.exchanges) and calls.exchanges[-1].order > before
        if has_called and not calls_now:
            return
        has_called = has_called or calls_now


def _as_json(services: Services) -> Json:
    clock = services.clock
    return {"now": clock.now().timestamp(), "ahead": int(clock.ahead.total_seconds())}
