"""Apps with keys, and people with profiles."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.api.apps import App, new_key

MakeApp = Callable[..., Awaitable[App]]


@pytest.fixture
def app_with(bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession, environment: dict[str, str]) -> MakeApp:
    """Make an app with a key that was made with these options."""

    async def app_with(*words: str) -> App:
        return App(session, sandbox.bot_url, await new_key(environment, *words))

    return app_with


@pytest.fixture
async def app(app_with: MakeApp) -> App:
    """An app with a key for all profiles."""
    return await app_with()
