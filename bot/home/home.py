"""The Home tab: drawn at once from what is known, then asked about, and drawn again where that changed something."""

import asyncio

import structlog

from bot.core.metrics import external_wait
from bot.deps import Deps
from bot.home import overview
from bot.home.model import OverviewQuery
from bot.home.overview import Listed
from bot.home.views import admins_home, own_home, stopped_home, unmapped_home
from bot.people import access
from bot.profiles.account_status import RefreshResult, refresh_snapshots
from bot.profiles.errors import NotMapped
from bot.profiles.model import Row, Viewer
from bot.slack.blocks import refusal
from bot.slack.model import Home

LATELY = 8
"""Rows of the audit trail."""
EARLIER = "What you see is from earlier."
UNASKED = RefreshResult(asked=False)

log = structlog.get_logger()

Drawing = tuple[Home, tuple[Row, ...]]


async def show_home(deps: Deps, viewer: Viewer, wanted: OverviewQuery, *, refusal: str = "") -> None:
    """Draw somebody's Home tab as their rights stand now; raise NotAllowed, or SlackUnavailable in doubt.

    What is `wanted` is for admins; whoever is none sees their own profiles, after a `refusal` if there was one.
    """
    person = await access.check_caller(deps, team=viewer.team, caller=viewer.user, home_team=viewer.home_team)
    admin = await access.is_admin(deps, person)
    draw, wanted = (_everybodys, wanted) if admin else (_own, OverviewQuery(page=wanted.page))
    home, rows = await draw(deps, viewer, wanted, overview.UNASKED, UNASKED, refusal)
    mark = await deps.views.publish(viewer.user, home)
    with external_wait():
        looked, listed = await asyncio.gather(
            refresh_snapshots(deps, viewer, rows), overview.listed_for(deps, viewer.team, wanted)
        )
    if not looked.asked and not listed.asked:
        return
    trouble = looked.trouble or listed.trouble
    note = refusal or (trouble and f"{trouble} {EARLIER}")
    newer, _ = await draw(deps, viewer, wanted, listed, looked, note)
    if newer != home:
        await deps.views.publish(viewer.user, newer, over=mark)


async def _everybodys(
    deps: Deps, viewer: Viewer, wanted: OverviewQuery, listed: Listed, looked: RefreshResult, note: str
) -> Drawing:
    page, titles = await overview.everybodys(deps, viewer.team, wanted, listed)
    trail = await deps.audit.latest(viewer.team, LATELY)
    now, command = deps.clock.now(), deps.settings.connect_command
    page = page.with_troubles(looked.unreadable)
    home = admins_home(page, wanted, trail, titles, now=now, command=command, note=note)
    return await _with_stop(deps, viewer, home), page.rows


async def _own(
    deps: Deps, viewer: Viewer, wanted: OverviewQuery, _listed: Listed, looked: RefreshResult, note: str
) -> Drawing:
    page = await overview.own(deps, viewer.team, viewer.user, page=wanted.page)
    page = page.with_troubles(looked.unreadable)
    command = deps.settings.connect_command
    if not page.rows:
        home = unmapped_home(refusal(NotMapped(viewer.user, command), viewer.user), note=note)
    else:
        home = own_home(page, now=deps.clock.now(), command=command, note=note)
    return await _with_stop(deps, viewer, home), page.rows


async def _with_stop(deps: Deps, viewer: Viewer, home: Home) -> Home:
    """Add what somebody who wants no messages has to know, and how to have them again."""
    return stopped_home(home) if await deps.preferences.is_muted(viewer.team, viewer.user) else home
