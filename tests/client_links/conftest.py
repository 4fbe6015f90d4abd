from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import pytest

from bot.app import Bot
from bot.client_links.create import create_for_person
from bot.client_links.model import ClientLink, ClientLinkOrder
from bot.core.model import RefId, TeamId, UserId, Viewer
from sandbox.server import Sandbox
from tests.client_links.browser import PUBLIC_URL, Browser
from tests.conftest import Map


@dataclass(frozen=True)
class Made:
    """A client link and its address."""

    link: ClientLink
    url: str


Make = Callable[..., Awaitable[Made]]


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

    async def make(by: str = "ana", title: str = "Acme: Jane", owner: str = "ben", **more: object) -> Made:
        world = sandbox.slack.world
        profile = await mapped(owner, title)
        order = ClientLinkOrder(TeamId(world.team.id), world.user(by).id, RefId(profile.ref_id), **more)  # type: ignore[arg-type]  # a test names what it sets
        new = await create_for_person(bot.deps, Viewer(order.team, UserId(order.by)), order)
        return Made(new.link, new.url.get_secret_value())

    return make
