"""How the Home tab is shown: at once from stored data, then again if Ayrshare's answers change it."""

import asyncio
from dataclasses import replace

import structlog

from bot.core.metrics import external_wait
from bot.core.model import Viewer
from bot.deps import Deps
from bot.home import overview
from bot.home.model import CHANGES_LOOKED_AT, CHANGES_SHOWN, OverviewQuery, parse_query
from bot.home.open_store import OpenView
from bot.home.overview import ListedTitles
from bot.home.views import admin_home, muted_home, outdated, own_home, unmapped_home
from bot.people import access
from bot.people.views import last_changes
from bot.profiles.account_status import RefreshResult, refresh_snapshots
from bot.profiles.errors import NotMapped
from bot.profiles.model import Row
from bot.slack.blocks import refusal
from bot.slack.delivery import fingerprint
from bot.slack.model import Home

WARNING = ":warning: {}"
NOT_REFRESHED = RefreshResult(asked=False)

log = structlog.get_logger()

DrawnHome = tuple[Home, tuple[Row, ...]]


async def show_home(deps: Deps, viewer: Viewer, query: OverviewQuery, *, note: str = "") -> None:
    """Show someone's Home tab according to their present rights; raise NotAllowed, AskedTooOften, SlackError in doubt.

    The query is for admins; everyone else sees their own profiles. A `note` stands above both.
    """
    await deps.limits.count(viewer.team, viewer.user, "views")
    person = await access.check_caller(deps, viewer)
    admin = await access.is_admin(deps, viewer.team, person)
    draw, query = (_admin_home, query) if admin else (_own_home, OverviewQuery(page=query.page))
    home, rows = await draw(deps, viewer, query, overview.NOT_LISTED, NOT_REFRESHED, note)
    opened = OpenView(viewer, deps.clock.now(), query.to_json(), note=note)
    await deps.open_views.save(opened)
    opened = await _publish(deps, opened, home)
    refreshed, listed = await _ask_ayrshare(deps, viewer, query, rows)
    if not refreshed.asked and not listed.asked:
        return
    trouble = refreshed.trouble or listed.trouble
    note = note or (trouble and WARNING.format(outdated(trouble)))
    newer, _ = await draw(deps, viewer, query, listed, refreshed, note)
    if newer != home:
        await _publish(deps, replace(opened, note=note), newer, over=opened.version)


async def _ask_ayrshare(
    deps: Deps, viewer: Viewer, query: OverviewQuery, rows: tuple[Row, ...]
) -> tuple[RefreshResult, ListedTitles]:
    with external_wait():
        return await asyncio.gather(
            refresh_snapshots(deps, viewer, rows), overview.list_titles(deps, viewer.team, viewer.user, query)
        )


async def draw_open_home(deps: Deps, opened: OpenView) -> Home | None:
    """Draw a Home tab as somebody opened it, from stored data, or nothing if Ayrshare doesn't list its profiles now.

    Raises NotServed, SlackError.
    """
    viewer, query = opened.viewer, parse_query(opened.shows)
    person = await access.check_caller(deps, viewer)
    admin = await access.is_admin(deps, viewer.team, person)
    listed = await overview.list_titles(deps, viewer.team, viewer.user, query) if admin else overview.NOT_LISTED
    draw = _admin_home if admin else _own_home
    home, _ = await draw(deps, viewer, query, listed, NOT_REFRESHED, opened.note)
    return None if listed.trouble else home


async def _publish(deps: Deps, opened: OpenView, home: Home, *, over: str = "") -> OpenView:
    """Show a Home tab, unless a newer one is there, and note how it was drawn."""
    version = await deps.views.publish(opened.viewer.team, opened.viewer.user, home, over=over)
    if version is None:
        return opened
    shown = replace(opened, drawn=fingerprint(home), version=version)
    await deps.open_views.save(shown)
    return shown


async def _admin_home(
    deps: Deps, viewer: Viewer, query: OverviewQuery, listed: ListedTitles, refreshed: RefreshResult, note: str
) -> DrawnHome:
    shown, rows = await asyncio.gather(
        overview.everyone(deps, viewer, query, listed), deps.audit.latest(viewer.team, CHANGES_LOOKED_AT)
    )
    page, changes = (
        shown.page.with_troubles(refreshed.unreadable),
        last_changes(rows, shown.titles, at_most=CHANGES_SHOWN),
    )
    home = admin_home(page, shown.triage, query, changes, now=deps.clock.now(), note=note)
    return await _with_muted_notice(deps, viewer, home), page.rows


async def _own_home(
    deps: Deps, viewer: Viewer, query: OverviewQuery, _listed: ListedTitles, refreshed: RefreshResult, note: str
) -> DrawnHome:
    page = await overview.own_page(deps, viewer.team, viewer.user, page=query.page)
    page = page.with_troubles(refreshed.unreadable)
    if not page.rows:
        missing = NotMapped(viewer.user)
        home = unmapped_home(refusal(missing, viewer.user), note=note)
    else:
        home = own_home(page, owner=viewer.user, offered=deps.ayrshare.options.offered, note=note)
    return await _with_muted_notice(deps, viewer, home), page.rows


async def _with_muted_notice(deps: Deps, viewer: Viewer, home: Home) -> Home:
    """Add the notice and the button of someone who has muted the bot."""
    return muted_home(home) if await deps.preferences.is_muted(viewer.team, viewer.user) else home
