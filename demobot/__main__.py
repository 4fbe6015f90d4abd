"""`python -m demobot`: `python -m bot run`, with the clock at the address in SANDBOX_CLOCK."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import Bot, running_bot
from bot.cli.boundary import settings_of
from bot.cli.run import serve
from bot.settings import Settings
from demobot.clock import following


@asynccontextmanager
async def _running(settings: Settings, clock_url: str) -> AsyncIterator[Bot]:
    async with following(clock_url) as clock, running_bot(settings, clock=clock) as bot:
        yield bot


def main() -> None:
    """Run the bot until it is told to stop."""
    settings = settings_of(Settings)
    serve(lambda: _running(settings, os.environ["SANDBOX_CLOCK"]))


if __name__ == "__main__":
    main()
