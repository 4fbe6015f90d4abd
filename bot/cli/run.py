"""`run`: the bot, until SIGTERM or Ctrl-C."""

import asyncio
import signal

from bot.cli.boundary import finish, settings_of
from bot.settings import Settings


def run() -> None:
    """Run the bot: over Socket Mode when SLACK_APP_TOKEN is set, else over HTTP."""
    finish(_until_told_to_stop(settings_of(Settings)))


async def _until_told_to_stop(settings: Settings) -> None:
    from bot.app import running_bot  # noqa: PLC0415 - the other commands start twice as fast without Bolt

    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with running_bot(settings):
        await told.wait()
