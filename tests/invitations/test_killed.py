"""A process is killed at *Get my link*: whoever presses again has one card in seconds, and the sender hears of it."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.slack.actions import GET_LINK
from sandbox.server import Sandbox
from tests.commands import bot_process
from tests.eventually import eventually
from tests.invitations.invitation_helpers import ASKS, links_made
from tests.outliving_redis import outliving_redis
from tests.test_process import port
from tests.users import Someone

__all__ = ["port"]
AFTER_A_KILL = 40
"""Seconds, more than a lock and the lease of a job of a process that died are held."""


@pytest.fixture
async def environment(environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A bot's settings with a Redis that outlives it, where Ben has a profile."""
    async with outliving_redis(environment, sandbox, tmp_path, "ben") as settings:
        yield settings


@pytest.mark.parametrize(("at", "made"), [("POST /profiles/generateJWT", 2), ("response_url", 1), ("chat.update", 1)])
async def test_get_my_link_works_again_within_seconds_after_a_kill(
    session: aiohttp.ClientSession, sandbox: Sandbox, environment: dict[str, str], port: int, at: str, made: int
) -> None:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    ana = Someone(session, sandbox.url, "ana")
    ben, sender = (Someone(session, sandbox.url, name, sandbox.slack.world.dm_of(name)) for name in ("ben", "ana"))
    service, method = (sandbox.ayrshare, "") if at.startswith("POST") else (sandbox.slack, at)

    def calls() -> int:
        return sum(str(call["call"]) == at for call in service.calls.since())

    async with bot_process(environment, port=port) as bot:
        await ana.types("send @ben")
        asked = await ben.sees(ASKS)
        await sender.sees("Delivered")
        before = calls()
        service.faults.add("timeout", times=None, ms=30_000, method=method)
        await ben.clicks(asked, GET_LINK.action_id)

        async def busy() -> bool:
            return calls() > before

        await eventually(busy, f"{at} hangs")
        await bot.stop(signal.SIGKILL)
    service.faults.clear()
    async with bot_process(environment, port=port):
        if at != "chat.update":  # by then the card stands in place of the button
            assert (await ben.clicks(asked, GET_LINK.action_id))["ok"]
        card = await ben.sees("Acme: Jane", where=lambda seen: seen.url is not None, within=AFTER_A_KILL)
        async with session.get(str(card.url)) as page:
            assert page.status == 200
        await sender.sees("opened the request", within=AFTER_A_KILL)
    assert links_made(sandbox) == made
    seen = [message for who in (ben, sender) for message in await who.messages() if not message.ephemeral]
    assert len(seen) == 2
