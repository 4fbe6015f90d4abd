"""`run`: the bot, and `worker`: one more process that does what is due later, both until SIGTERM or Ctrl-C."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from bot.cli.boundary import finish, settings_of
from bot.settings import Settings


def run() -> None:
    """Run the bot: over Socket Mode when SLACK_APP_TOKEN is set, else over HTTP."""
    settings = settings_of(Settings)
    from bot.app import running_bot  # noqa: PLC0415 - the other commands start twice as fast without Bolt

    finish(_until_told_to_stop(lambda: running_bot(settings)))


def worker() -> None:
    """Run one more worker: it does what is due later, and hears nothing from Slack."""
    settings = settings_of(Settings)
    from bot.app import running_worker  # noqa: PLC0415 - likewise

    finish(_until_told_to_stop(lambda: running_worker(settings)))


async def _until_told_to_stop(running: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with running():
        await told.wait()
