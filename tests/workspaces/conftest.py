"""A bot that workspaces install by OAuth, and a browser that does it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from sandbox.server import Sandbox
from sandbox.slack import LocalSlack
from tests.fuzz.world import environment as bot_environment
from tests.users import Someone

FIRST, SECOND, NORTH, SOUTH = "T0CONNECT", "T0SECOND", "T0NORTH", "T0SOUTH"
ORGANIZATION = "E0CONNECT"


@dataclass(frozen=True)
class Page:
    """What a browser shows at the end, and the addresses on the way."""

    status: int
    text: str
    addresses: tuple[str, ...]


Install = Callable[..., Awaitable[Page]]
People = Callable[..., Someone]
MapIn = Callable[..., Awaitable[Profile]]


@pytest.fixture
def allowed() -> str:
    return f"{FIRST},{SECOND},{ORGANIZATION}"


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path, allowed: str) -> dict[str, str]:
    return many_workspaces(sandbox, tmp_path, allowed)


def many_workspaces(sandbox: Sandbox, folder: Path, allowed: str) -> dict[str, str]:
    """Return the settings of a bot that has no token of its own."""
    one = bot_environment(sandbox, folder)
    del one["SLACK_BOT_TOKEN"]
    return one | {
        "SLACK_CLIENT_ID": sandbox.slack.oauth.client_id,
        "SLACK_CLIENT_SECRET": sandbox.slack.oauth.client_secret,
        "SLACK_ALLOWED_WORKSPACES": allowed,
    }


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        yield browser


async def visit(browser: aiohttp.ClientSession, address: str, *, keep_cookie: bool = True) -> Page:
    """Open an address as a browser does: follow redirects, and give each site its cookie back."""
    cookies, addresses = "", [address]
    while True:
        async with browser.get(addresses[-1], headers={"Cookie": cookies}, allow_redirects=False) as answer:
            if keep_cookie and "Set-Cookie" in answer.headers:
                cookies = answer.headers["Set-Cookie"].partition(";")[0]
            if "Location" not in answer.headers:
                return Page(answer.status, await answer.text(), tuple(addresses))
            addresses.append(answer.headers["Location"])


@pytest.fixture
def install(bot: Bot, sandbox: Sandbox, browser: aiohttp.ClientSession) -> Install:
    """Install the app in a workspace or organization."""

    async def install(place: str) -> Page:
        sandbox.slack.oauth.approves = place
        return await visit(browser, f"{sandbox.bot_url}/slack/install")

    return install


@pytest.fixture
def person_in(session: aiohttp.ClientSession, sandbox: Sandbox, bot: Bot) -> People:
    """Put somebody in front of a channel of a workspace."""

    def person_in(team: str, name: str, *, channel: str = "general") -> Someone:
        return Someone(session, sandbox.url, name, channel, team)

    return person_in


@pytest.fixture
def map_in(bot: Bot, sandbox: Sandbox) -> MapIn:
    """Map somebody of a workspace to one of the local Ayrshare's profiles."""

    async def map_in(team: str, user: str, title: str) -> Profile:
        known = next(profile for profile in sandbox.ayrshare.profiles if profile.title == title)
        profile = Profile(RefId(known.ref_id), title, SecretStr(known.key))
        user_id = UserId(workspace(sandbox, team).world.user(user).id)
        await bot.deps.profiles.save(TeamId(team), profile)
        await bot.deps.mappings.add(TeamId(team), user_id, profile.ref_id, by="test", default=False)
        return profile

    return map_in


def workspace(sandbox: Sandbox, team: str) -> LocalSlack:
    return sandbox.slack.workspace(team)
