"""`/connect status`: what is linked to one's profiles, as whom, and what needs attention."""

import html

from bot.deps import Deps
from bot.home.status import report
from bot.profiles.views import status
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.mentions import mentions_in
from bot.slack.requests import Command


async def show_status(deps: Deps, command: Command, words: str) -> None:
    """Show what is linked to each of the caller's profiles."""
    if mentions_in(words)[0]:
        raise NotAPerson("`status` shows your own profiles only: leave the mention out.")
    found = await report(deps, command.team, command.user, words=html.unescape(words), answer=command.response_url)
    message = status(found.statuses, left_out=found.left_out, command=deps.settings.connect_command)
    await reply(deps, command.user, command.response_url, message)
