"""Home tabs and status windows that are open are drawn again after a change made elsewhere, from stored data."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from bot.core.model import TeamId
from bot.deps import Deps
from bot.home import home, status
from bot.home.model import DRAWN_AT_ONCE, FIRST_DRAWING
from bot.home.open_store import OpenView
from bot.people.errors import NotAllowed, NotServed
from bot.profiles.errors import NoSuchProfile, NotMapped
from bot.profiles.model import REDRAW_VIEWS, REDRAWN_AFTER
from bot.scheduling.job import Job
from bot.slack.delivery import fingerprint
from bot.slack.errors import ModalClosed
from bot.slack.model import Home, Modal

DONE = timedelta(0)


async def redraw_views(deps: Deps, team: TeamId, _: str) -> None:
    """Draw what has changed, as far as Slack's pace allows, and the rest later; raise SlackError."""
    opened = await deps.open_views.open_now(team, now=deps.clock.now())
    turns = asyncio.Semaphore(DRAWN_AT_ONCE)
    results = await asyncio.gather(*(_in_turn(deps, one, turns) for one in opened), return_exceptions=True)
    waits = [one for one in results if isinstance(one, timedelta) and one > DONE]
    if waits:
        await deps.scheduler.plan(team, Job(REDRAW_VIEWS, "the rest"), at=deps.clock.now() + min(waits))
    for failure in results:
        if isinstance(failure, BaseException):
            raise failure


async def _in_turn(deps: Deps, opened: OpenView, turns: asyncio.Semaphore) -> timedelta:
    async with turns:
        return await _redraw(deps, opened)


async def _redraw(deps: Deps, opened: OpenView) -> timedelta:
    """Draw one thing if it has changed; return how long that has to wait."""
    if not opened.version:
        return REDRAWN_AFTER if deps.clock.now() - opened.at < FIRST_DRAWING else DONE
    drawn = await _draw(deps, opened)
    if drawn is None or fingerprint(drawn) == opened.drawn:
        return DONE
    wait = await deps.limits.take(opened.viewer.team, opened.viewer.user, "redraws")
    if wait <= DONE:
        await _show(deps, opened, drawn)
    return wait


async def _draw(deps: Deps, opened: OpenView) -> Home | Modal | None:
    """Draw what somebody has opened, or nothing if they may no longer see it or it no longer is."""
    with suppress(NotServed, NotAllowed, NotMapped, NoSuchProfile):
        return await (status.draw_open_status(deps, opened) if opened.view else home.draw_open_home(deps, opened))
    return None


async def _show(deps: Deps, opened: OpenView, drawn: Home | Modal) -> None:
    """Replace what is shown, unless it is something else by now, or closed."""
    viewer = opened.viewer
    version = None
    with suppress(ModalClosed):
        if isinstance(drawn, Home):
            version = await deps.views.publish(viewer.team, viewer.user, drawn, over=opened.version)
        elif opened.view:
            version = await deps.views.update(viewer.team, opened.view, drawn, over=opened.version)
    now_shown = replace(opened, drawn=fingerprint(drawn), version=version) if version else None
    await deps.open_views.replace(opened, now_shown)
