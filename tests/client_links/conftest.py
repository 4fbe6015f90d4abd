from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from bot.app import Bot
from bot.client_links.create import create
from bot.client_links.model import ClientLinkOrder, NewClientLink
from bot.core.model import RefId, TeamId
from sandbox.server import Sandbox
from tests.client_links.browser import PUBLIC_URL, Browser
from tests.conftest import Map

Make = Callable[..., Awaitable[NewClientLink]]


@pytest.fixture
def overrides() -> dict[str, str]:
    return {"PUBLIC_URL": PUBLIC_URL}


@pytest.fixture
def browser(session: aiohttp.ClientSession, sandbox: Sandbox, bot: Bot) -> Browser:
    """A client's browser, outside Slack."""
    return Browser(session, sandbox.bot_url)


@pytest.fixture
def make(bot: Bot, sandbox: Sandbox, mapped: Map) -> Make:
    """Make a client link by Ana to Ben's profile, which is mapped to him first."""

    async def make(by: str = "ana", title: str = "Acme: Jane", owner: str = "ben", **more: object) -> NewClientLink:
        world = sandbox.slack.world
        profile = await mapped(owner, title)
        order = ClientLinkOrder(TeamId(world.team.id), world.user(by).id, RefId(profile.ref_id), **more)  # type: ignore[arg-type]  # a test names what it sets
        return await create(bot.deps, order)

    return make
