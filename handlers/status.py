"""`/connect status`, and *Status* under a profile in an admin's list: its accounts, and which need attention."""

import html

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.people import access
from bot.profiles.account_status import read_own_status, read_profile_status
from bot.profiles.model import Viewer
from bot.profiles.views import status
from bot.slack.actions import STATUS_OF
from bot.slack.blocks import showing
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.listener import acknowledged, modal_session
from bot.slack.mentions import MENTION
from bot.slack.requests import Click, Command, read_click, read_owned

TITLE = "Status"


async def show_status(deps: Deps, command: Command, words: str) -> None:
    """Show the accounts of each of the caller's profiles."""
    if MENTION.search(words):
        raise NotAPerson("`status` shows your own profiles only: leave the mention out.")
    title, response_url = html.unescape(words), command.response_url
    found = await read_own_status(deps, command.team, command.user, words=title, response_url=response_url)
    message = status(found.statuses, left_out=found.left_out, command=deps.settings.connect_command)
    await reply(deps, command.user, command.response_url, message)


async def show_profile_status(deps: Deps, click: Click) -> None:
    """Open a modal with the profile's accounts, for admins."""
    owner, ref_id = read_owned(click.value)
    async with modal_session(deps, click, title=TITLE) as view:
        await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
        viewer = Viewer(click.team, click.user, click.home_team)
        found = await read_profile_status(deps, viewer, owner=owner or None, ref_id=ref_id)
        message = status([found], left_out=0, command=deps.settings.connect_command)
        await deps.views.update(view, showing(message, title=TITLE))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button; the command is in the table of commands."""
    app.action(STATUS_OF.action_id)(acknowledged(deps, read_click, show_profile_status))
