"""A process is killed between a client's press and the receipt: no use is lost, and one receipt comes."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from bot.client_links.views import CLIENT, USES
from bot.client_links.visit import LONGEST_PRESS
from sandbox.server import Sandbox
from tests.client_links.browser import PUBLIC_URL, Browser
from tests.client_links.test_invite import made
from tests.clock import ManualClock
from tests.commands import bot_process
from tests.eventually import eventually
from tests.invitations.invitation_helpers import runs_until
from tests.outliving_redis import outliving_redis
from tests.test_process import port
from tests.test_restart import Start, settings, start
from tests.users import Someone

__all__ = ["port", "settings", "start"]
POSTING = "chat.postMessage"


@pytest.fixture
async def environment(environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A bot's settings with a Redis that outlives it, where Ben has a profile."""
    with_pages = environment | {"PUBLIC_URL": PUBLIC_URL, "AYRSHARE_LINK_API": "session"}
    async with outliving_redis(with_pages, sandbox, tmp_path, "ben") as settings:
        yield settings


@pytest.fixture
def ana(session: aiohttp.ClientSession, sandbox: Sandbox, port: int) -> Someone:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    return Someone(session, sandbox.url, "ana")


async def test_a_use_whose_link_was_never_made_is_given_back(
    session: aiohttp.ClientSession,
    sandbox: Sandbox,
    environment: dict[str, str],
    ana: Someone,
    port: int,
    start: Start,
    clock: ManualClock,
) -> None:
    async with bot_process(environment, port=port) as process:
        url = await made(ana, **{USES: "1"})
        browser = Browser(session, sandbox.bot_url)
        form, before = (await browser.opens(url)).form, len(sandbox.ayrshare.calls.since())
        sandbox.ayrshare.faults.add("timeout", times=None, ms=30_000)
        pressing = asyncio.create_task(browser.presses(url, form))

        async def under_way() -> bool:
            return len(sandbox.ayrshare.calls.since()) > before

        await eventually(under_way, "Ayrshare is asked for a link")
        await process.stop(signal.SIGKILL)
        with suppress(aiohttp.ClientError):
            await pressing
    sandbox.ayrshare.faults.clear()
    async with start():
        browser = Browser(session, sandbox.bot_url)
        assert (await browser.opens(url)).status == 410
        await clock.advance(LONGEST_PRESS)

        async def works() -> bool:
            return (await browser.opens(url)).status == 200

        await eventually(works, "the client link can be used again")
        assert (await browser.presses(url, form)).status == 303
        await clock.advance(LONGEST_PRESS)
        assert (await browser.opens(url)).status == 410


async def test_one_receipt_comes_although_the_process_died_at_its_post(
    session: aiohttp.ClientSession,
    sandbox: Sandbox,
    environment: dict[str, str],
    ana: Someone,
    port: int,
    start: Start,
    clock: ManualClock,
) -> None:
    dm = Someone(session, sandbox.url, "ana", sandbox.slack.world.dm_of("ana"))

    async def posting() -> bool:
        return any(call["call"] == POSTING for call in sandbox.slack.calls.since())

    async with bot_process(environment, port=port) as process:
        url = await made(ana, **{CLIENT: "Jane"})
        sandbox.slack.faults.add("timeout", times=None, ms=30_000, method=POSTING)
        browser = Browser(session, sandbox.bot_url)
        form = (await browser.opens(url)).form
        link = (await browser.presses(url, form)).headers["Location"]
        await eventually(posting, "the receipt is being posted")
        await process.stop(signal.SIGKILL)
    sandbox.slack.faults.clear()
    async with start():
        await clock.advance_seconds(60)
        await runs_until(clock, dm, "Jane opened your client link.", step=2)
        again = await Browser(session, sandbox.bot_url).presses(url, form)
        assert again.headers["Location"] == link
        await clock.advance_seconds(60)
    assert len(await dm.messages()) == 1
