"""A Redis that outlives the bot, for the tests that kill the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.storage.embedded import embedded_server
from sandbox.server import Sandbox
from tests.commands import command
from tests.keys import RING


@asynccontextmanager
async def outliving_redis(
    environment: dict[str, str], sandbox: Sandbox, directory: Path, *names: str
) -> AsyncIterator[dict[str, str]]:
    """Yield a bot's settings with such a Redis, where each of the people has a profile, in the order of both."""
    async with embedded_server(directory / "own", bot=True) as url:
        settings = environment | {"REDIS_URL": url, "ENCRYPTION_KEYS": RING}
        for name, profile in zip(names, sandbox.ayrshare.profiles, strict=False):
            words = ("mappings", "set", sandbox.slack.world.team.id, sandbox.slack.world.user(name).id, "--quiet")
            ended = await command(*words, environment=settings, typed=profile.key)
            assert ended.code == 0, ended.err
        yield settings
