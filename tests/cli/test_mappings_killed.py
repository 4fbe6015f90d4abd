"""`mappings` killed in the middle of a change, with no bot running: whoever serves next ends links and tells people."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from bot.slack.actions import OPEN_LINK
from sandbox.server import Sandbox
from tests.commands import bot_process, surroundings, worker_process
from tests.eventually import eventually
from tests.mappings.removal_helpers import SESSION, card_of, page_of
from tests.outliving_redis import outliving_redis
from tests.test_process import port
from tests.users import OPENED, Someone

__all__ = ["port"]
TEAM, BEN, CARA = "T0CONNECT", "U0BEN0001", "U0CARA001"
NEW_KEY = "NEWKEY12-KEY12345-AAAA1111-BBBB2222"
AFTER_A_KILL = 40
"""Seconds, more than the jobs wait for the process that died."""
WAYS = {
    "remove": (("remove", TEAM, BEN), "ben", "Your links to it have ended."),
    "set": (("set", TEAM, CARA), "cara", "gave you *Acme: Jane*"),
    "import": (("import", "rows.csv", "--apply"), "cara", "gave you *Acme: Jane*"),
}


@pytest.fixture
async def environment(environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A bot's settings with a Redis that outlives it, where Ben has a profile."""
    async with outliving_redis(environment | SESSION, sandbox, tmp_path, "ben") as settings:
        yield settings


async def killed(
    words: tuple[str, ...], environment: dict[str, str], folder: Path, made: Callable[[], Awaitable[bool]]
) -> None:
    """Run a command, and kill it as soon as its change is made."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "mappings", *words),
        cwd=folder,
        env=surroundings(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin
    process.stdin.write(NEW_KEY.encode())
    process.stdin.close()
    await eventually(made, "the change is made", within=40)
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()


@pytest.mark.parametrize("way", WAYS)
async def test_links_end_and_people_are_told_once_by_whoever_serves_next(
    session: aiohttp.ClientSession,
    sandbox: Sandbox,
    environment: dict[str, str],
    port: int,
    tmp_path: Path,
    way: str,
) -> None:
    words, whom, told = WAYS[way]
    ben, dm = Someone(session, sandbox.url, "ben"), Someone(session, sandbox.url, whom, sandbox.slack.world.dm_of(whom))
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    async with bot_process(environment, port=port) as bot:
        card = await card_of(ben)
        await ben.clicks(card, OPEN_LINK.label)
        await ben.sees(OPENED)
        await bot.stop(signal.SIGKILL)
    if way == "remove":
        sandbox.ayrshare.faults.add("timeout", times=None, ms=5_000)  # it is killed before the link is revoked
    else:
        next(one for one in sandbox.ayrshare.profiles if one.title == "Acme: Jane").key = NEW_KEY
    (tmp_path / "rows.csv").write_text(f"user,profile_key\n{CARA},{NEW_KEY}\n")
    async with Redis.from_url(environment["REDIS_URL"]) as redis:

        async def made() -> bool:
            held = await redis.hkeys(f"connectbot:{{{TEAM}}}:mappings")
            return (BEN.encode() not in held) if way == "remove" else (CARA.encode() in held)

        await killed(words, environment, tmp_path, made)
    sandbox.ayrshare.faults.clear()
    async with worker_process(environment):
        assert (await ben.sees("This link is cancelled.", within=AFTER_A_KILL)).url is None
        await dm.sees(told, within=AFTER_A_KILL)

        async def revoked() -> bool:
            return await page_of(ben, card.url) == 401

        await eventually(revoked, "the link is revoked", within=AFTER_A_KILL)
    assert len(await dm.messages()) == 1
