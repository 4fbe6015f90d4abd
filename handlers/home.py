"""The Home tab: opened, searched, filtered, paged.

What an admin wants to see is in the view's metadata and inputs; whether they are an admin is checked at each click.
"""

from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.core.errors import Reported
from bot.core.model import UserId
from bot.deps import Deps
from bot.home.filter_views import FILTER_BLOCK, PERSON_BLOCK, SEARCH_BLOCK
from bot.home.home import WARNING, show_home
from bot.home.model import OverviewQuery, parse_filter, parse_query, trimmed
from bot.people import access
from bot.people.errors import NotAllowed
from bot.slack.actions import (
    HOME_AGAIN,
    HOME_EVERYBODY,
    HOME_FILTER,
    HOME_NEXT,
    HOME_PERSON,
    HOME_PREVIOUS,
    HOME_SEARCH,
    OWN_NEXT,
    OWN_PREVIOUS,
)
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, SlackEvent, read_click, read_event

HOME_OPENED = "app_home_opened"


async def open_home(deps: Deps, event: SlackEvent) -> None:
    """Show Home as its person left it."""
    if event.at_home:
        view = event.about.get("view")
        metadata = view.get("private_metadata") if isinstance(view, dict) else None
        await show_home(deps, event.viewer, parse_query(str(metadata or "")))


async def draw_home_again(deps: Deps, click: Click) -> None:
    """Show Home after a message has replaced it."""
    await show_home(deps, click.viewer, OverviewQuery())


async def search_home(deps: Deps, click: Click) -> None:
    """Show the profiles that match the search, the filter and the person."""
    person = str(click.entered.get(PERSON_BLOCK) or "")
    query = _entered(click)
    await _show_admin(deps, click, replace(query, person=UserId(person) if person else query.person))


async def show_everybody(deps: Deps, click: Click) -> None:
    """Show everyone's profiles again instead of one person's."""
    await _show_admin(deps, click, replace(_entered(click), person=None))


async def turn_home(deps: Deps, click: Click) -> None:
    """Show another page of everyone's profiles."""
    await _show_admin(deps, click, parse_query(click.value))


async def turn_own(deps: Deps, click: Click) -> None:
    """Show another page of one's own profiles."""
    await show_home(deps, click.viewer, parse_query(click.value))


async def _show_admin(deps: Deps, click: Click, query: OverviewQuery) -> None:
    """Show an admin's Home; to anyone else show their own, with the refusal, and raise Reported."""
    try:
        await access.check_admin(deps, click.viewer)
    except NotAllowed as refusal:
        await show_home(deps, click.viewer, OverviewQuery(), note=WARNING.format(refusal.sentence))
        raise Reported(refusal) from refusal
    await show_home(deps, click.viewer, query)


def _entered(click: Click) -> OverviewQuery:
    """Return the query so far with what the inputs contain now, from its first page."""
    before = parse_query(click.metadata)
    words = trimmed(str(click.entered.get(SEARCH_BLOCK, before.words)))
    only = parse_filter(click.entered[FILTER_BLOCK]) if FILTER_BLOCK in click.entered else before.only
    return OverviewQuery(only=only, words=words, person=before.person)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to Home."""
    app.event(HOME_OPENED)(acknowledged(deps, read_event, open_home))
    app.action(HOME_AGAIN.action_id)(acknowledged(deps, read_click, draw_home_again))
    for action in (HOME_SEARCH, HOME_FILTER, HOME_PERSON):
        app.action(action)(acknowledged(deps, read_click, search_home))
    app.action(HOME_EVERYBODY.action_id)(acknowledged(deps, read_click, show_everybody))
    for button in (HOME_PREVIOUS, HOME_NEXT):
        app.action(button.action_id)(acknowledged(deps, read_click, turn_home))
    for button in (OWN_PREVIOUS, OWN_NEXT):
        app.action(button.action_id)(acknowledged(deps, read_click, turn_own))
