"""`/connect list`: everybody's profiles, for admins."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import Message, TeamId
from bot.deps import Deps
from bot.home import overview
from bot.home.model import OverviewQuery, health_of, read_query, searched
from bot.home.overview_views import list_message
from bot.people import access
from bot.slack.actions import LIST_NEXT, LIST_PREVIOUS
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.mentions import split_mention
from bot.slack.requests import Click, Command, read_click


async def list_mappings(deps: Deps, command: Command, words: str) -> None:
    """Show the first page of what fits the words: a kind of profiles, a person, a part of a title."""
    person, rest = split_mention(words)
    only = health_of(rest)
    wanted = OverviewQuery(only=only, words="" if only else searched(rest), person=person)
    await reply(deps, command.user, command.response_url, await _drawn(deps, command.team, wanted))


async def turn_list(deps: Deps, click: Click) -> None:
    """Put another page in the list's place."""
    await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
    if click.response_url is not None:
        await deps.response_urls.post(
            click.response_url, await _drawn(deps, click.team, read_query(click.value)), replace=True
        )


async def _drawn(deps: Deps, team: TeamId, wanted: OverviewQuery) -> Message:
    listed = await overview.listed_for(deps, team, wanted)
    page, _ = await overview.everybodys(deps, team, wanted, listed)
    command = deps.settings.connect_command
    return list_message(page, wanted, now=deps.clock.now(), command=command, note=listed.trouble)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the list's own buttons."""
    for button in (LIST_PREVIOUS, LIST_NEXT):
        app.action(button.action_id)(acknowledged(deps, read_click, turn_list))
