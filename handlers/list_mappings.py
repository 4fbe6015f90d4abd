"""`/connect list`: all profiles and who is responsible for them, ten a page, for admins."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import Message
from bot.deps import Deps
from bot.home import overview
from bot.home.model import OverviewQuery, parse_filter, parse_query, trimmed
from bot.home.views import list_message
from bot.people import access
from bot.slack.actions import LIST_NEXT, LIST_PREVIOUS
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.mentions import split_mention
from bot.slack.requests import Click, Command, read_click


async def list_mappings(deps: Deps, command: Command, words: str) -> None:
    """Show the first page of the profiles that match: a health, a person, a part of a title."""
    person, rest = split_mention(words)
    only = parse_filter(rest)
    query = OverviewQuery(only=only, words="" if only else trimmed(rest), person=person)
    await reply(deps, command.team, command.user, command.response_url, await _page(deps, command, query))


async def turn_list(deps: Deps, click: Click) -> None:
    """Replace the list by another page."""
    await access.check_admin(deps, click.viewer)
    if click.response_url is not None:
        page = await _page(deps, click, parse_query(click.value))
        await deps.response_urls.post(click.response_url, page, replace=True)


async def _page(deps: Deps, request: Command | Click, query: OverviewQuery) -> Message:
    listed = await overview.list_titles(deps, request.team, request.user, query)
    shown = await overview.everyone(deps, request.viewer, query, listed)
    return list_message(shown.page, shown.triage, query, now=deps.clock.now(), note=listed.trouble)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the list's page buttons; the command is in the table of commands."""
    for button in (LIST_PREVIOUS, LIST_NEXT):
        app.action(button.action_id)(acknowledged(deps, read_click, turn_list))
