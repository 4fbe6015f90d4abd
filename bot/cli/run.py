"""`run`: the bot, until SIGTERM or Ctrl-C."""

import asyncio
import signal

from bot.cli.boundary import finish, settings_of, stop
from bot.settings import Settings


def run() -> None:
    """Run the bot over HTTP."""
    settings = settings_of(Settings)
    if settings.ayrshare_link_api != "jwt":
        stop("AYRSHARE_LINK_API: this version makes links with jwt only", code=2)
    if settings.slack_signing_secret is None:
        stop("SLACK_SIGNING_SECRET: required; this version has no Socket Mode", code=2)
    finish(_until_told_to_stop(settings))


async def _until_told_to_stop(settings: Settings) -> None:
    from bot.app import running_bot  # noqa: PLC0415 - the other commands start twice as fast without Bolt

    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with running_bot(settings):
        await told.wait()
