"""Control calls that show and move the clock of the sandbox, and of a bot that follows it.

What Ayrshare announces ahead of time is announced when the clock is moved.
"""

from datetime import timedelta

from sandbox.control.request import BadRequest, ControlRequest, Services
from sandbox.slack.api_types import Json

YEAR = timedelta(days=366)
"""The clock is moved by so much at most in one call."""


async def clock(services: Services, request: ControlRequest) -> Json:
    """Tell the time; with `ahead`, the seconds that a follower is ahead, wait until the clock has been moved."""
    if "ahead" in request:
        await services.clock.follow(timedelta(seconds=request.number("ahead", 0)))
    return _as_json(services)


async def move_clock(services: Services, request: ControlRequest) -> Json:
    """Move the clock forward by `seconds`, or `to` a moment in seconds since 1970.

    `followed` tells whether the bot's clock has moved along; it needs to be a bot that follows the sandbox's.
    """
    request.check_names("seconds", "to")
    now, most = services.clock.now().timestamp(), int(YEAR.total_seconds())
    seconds = request.number("seconds", 0, maximum=most)
    if "to" in request:
        seconds = request.number("to", 0, minimum=0, maximum=int(now) + most) - int(now)
    if seconds < 0:
        raise BadRequest("'to' is past: the clock is moved forward only")
    since = services.clock.now()
    followed = await services.clock.move(timedelta(seconds=seconds))
    services.ayrshare.announce_refreshes(since)
    return {"ok": True, "followed": followed, **_as_json(services)}


def _as_json(services: Services) -> Json:
    clock = services.clock
    return {"now": clock.now().timestamp(), "ahead": int(clock.ahead.total_seconds())}
