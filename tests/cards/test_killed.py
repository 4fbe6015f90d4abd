"""A process is killed while it shows a link: whoever presses again gets one within seconds."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.slack.actions import NEW_LINK, OPEN_LINK
from sandbox.server import Sandbox
from tests.commands import bot_process
from tests.eventually import eventually
from tests.outliving_redis import outliving_redis
from tests.test_process import port
from tests.users import OPENED, Someone

__all__ = ["port"]
AFTER_A_KILL = 15
"""Seconds, more than the lock of a process that died is held."""


@pytest.fixture
async def environment(environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A bot's settings with a Redis that outlives it, where Ben has a profile."""
    async with outliving_redis(environment, sandbox, tmp_path, "ben") as settings:
        yield settings


def calls(sandbox: Sandbox, name: str) -> int:
    return sum(str(call["call"]) == name for call in (*sandbox.slack.calls.since(), *sandbox.ayrshare.calls.since()))


@pytest.mark.parametrize("at", ["the link", "the post"])
async def test_new_link_works_again_within_seconds_after_a_kill(
    session: aiohttp.ClientSession, sandbox: Sandbox, environment: dict[str, str], port: int, at: str
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    ben = Someone(session, sandbox.url, "ben")
    service, call = (
        (sandbox.ayrshare, "POST /profiles/generateJWT") if at == "the link" else (sandbox.slack, "response_url")
    )
    async with bot_process(environment, port=port) as bot:
        await ben.types()
        card = await ben.sees_a_card()
        before = calls(sandbox, call)
        service.faults.add("timeout", times=None, ms=30_000)
        await ben.clicks(card, NEW_LINK.label)

        async def busy() -> bool:
            return calls(sandbox, call) > before

        await eventually(busy, f"{call} hangs")
        await bot.stop(signal.SIGKILL)
    service.faults.clear()
    async with bot_process(environment, port=port):
        await ben.clicks(card, NEW_LINK.label)
        fresh = await ben.sees(
            "", where=lambda seen: seen.url is not None and seen.url != card.url, within=AFTER_A_KILL
        )
        assert {OPEN_LINK.label, "Reconnect LinkedIn"} & set(fresh.buttons)  # which, depends on when it was killed


async def test_the_card_before_ends_though_the_process_is_killed_that_shows_a_newer_one(
    session: aiohttp.ClientSession, sandbox: Sandbox, environment: dict[str, str], port: int
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    ben = Someone(session, sandbox.url, "ben")
    async with bot_process(environment, port=port) as bot:
        await ben.types()
        await ben.clicks(await ben.sees_a_card(), OPEN_LINK.label)
        card, before = await ben.sees(OPENED), calls(sandbox, "response_url")
        sandbox.slack.faults.add("timeout", times=None, ms=30_000)
        await ben.types()

        async def busy() -> bool:
            return calls(sandbox, "response_url") > before

        await eventually(busy, "the post hangs")
        await bot.stop(signal.SIGKILL)
    sandbox.slack.faults.clear()
    async with bot_process(environment, port=port):
        assert (await ben.sees("has replaced this one", within=AFTER_A_KILL)).ts == card.ts
