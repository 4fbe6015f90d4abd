"""`/connect home` and `/connect version`; the help itself is beside the table in commands.py."""

from bot import VERSION
from bot.deps import Deps
from bot.help.views import home_link, version_message
from bot.slack.delivery import reply
from bot.slack.requests import Command


async def show_home(deps: Deps, command: Command, _rest: str) -> None:
    """Show the way to the Home tab."""
    await reply(deps, command.team, command.user, command.response_url, home_link(command.team, command.app))


async def show_version(deps: Deps, command: Command, _rest: str) -> None:
    """Say which version this is."""
    await reply(deps, command.team, command.user, command.response_url, version_message(VERSION))
