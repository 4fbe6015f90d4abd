"""A backup as docs/operations.md has it: the bot is stopped, DATA_DIR is copied, and a bot elsewhere goes on."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.app import Bot, running_bot
from bot.settings import Settings
from bot.slack.actions import NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests import key_leaks
from tests.cli.examined import map_ben
from tests.clock import ManualClock
from tests.redis_probe import trail
from tests.time_travel import QUICK, woken
from tests.users import Someone

StartOn = Callable[[Path], AbstractAsyncContextManager[Bot]]


@pytest.fixture
def start_on(
    environment: dict[str, str], sandbox: Sandbox, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> StartOn:
    @asynccontextmanager
    async def start_on(data_dir: Path) -> AsyncIterator[Bot]:
        with monkeypatch.context() as patch:
            for name, value in (environment | {"DATA_DIR": str(data_dir)}).items():
                patch.setenv(name, value)
            settings = Settings()
        async with running_bot(settings, clock=clock, worker_timings=QUICK) as bot, woken(bot, clock):
            sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
            yield bot
            await key_leaks.check(bot)

    return start_on


async def test_a_copy_of_data_dir_goes_on_elsewhere_with_cards_that_count(
    environment: dict[str, str],
    sandbox: Sandbox,
    clock: ManualClock,
    start_on: StartOn,
    session: aiohttp.ClientSession,
    tmp_path: Path,
) -> None:
    await map_ben(environment, sandbox)
    ben, here, elsewhere = Someone(session, sandbox.url, "ben"), Path(environment["DATA_DIR"]), tmp_path / "elsewhere"
    async with start_on(here) as bot:
        await ben.types()
        await ben.clicks(await ben.sees_a_card("Acme: Jane"), OPEN_LINK.label)
        await ben.sees("5 min left")
        made = await trail(bot, "link_made")
    shutil.copytree(here, elsewhere)
    shutil.rmtree(here)
    async with start_on(elsewhere) as bot:
        await clock.advance_seconds(180)
        await ben.sees("2 min left")
        await clock.advance_seconds(120)
        dead = await ben.sees("expired at")
        assert not dead.url
        await ben.clicks(dead, NEW_LINK.label)
        await ben.sees_a_card("Acme: Jane")
        assert (await trail(bot, "link_made"))[:1] == made
