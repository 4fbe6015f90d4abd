"""What no other handler listens to: it is acknowledged with 200, and a person who waits gets an answer."""

import re

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.cards.errors import CardGone
from bot.deps import Deps
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, Command, read_click, read_command
from handlers.commands import show_help

ANYTHING = re.compile(".*", re.DOTALL)


async def outdated_click(_deps: Deps, _click: Click) -> None:
    """Say that the card is too old: no handler knows the button."""
    raise CardGone


async def other_command(deps: Deps, command: Command) -> None:
    """Show the help: Slack sent a command of another name here."""
    await show_help(deps, command, "")


async def _only_acknowledge(ack: AsyncAck) -> None:
    await ack()


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the rest; must be registered last, since Bolt takes the first listener that matches."""
    app.command(ANYTHING)(acknowledged(deps, read_command, other_command))
    app.action(ANYTHING)(acknowledged(deps, read_click, outdated_click))
    for listen in (app.event, app.view, app.view_closed, app.shortcut, app.options):
        listen(ANYTHING)(_only_acknowledge)
