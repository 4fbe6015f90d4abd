"""Bots in processes of their own, each on its own core."""

import asyncio
import base64
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SECRET = secrets.token_hex(16)
BOT_CORE, LOAD_CORE = 0, 1
STOP_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Running:
    """A bot's process."""

    pid: int
    port: int
    url: str


@asynccontextmanager
async def process(session: aiohttp.ClientSession, environment: dict[str, str], *command: str) -> AsyncIterator[str]:
    """Run a Python module on the bots' core, and yield its URL once it is ready."""
    async with started(session, environment, sys.executable, "-m", *command) as running:
        yield running.url


@asynccontextmanager
async def started(
    session: aiohttp.ClientSession, environment: dict[str, str], *command: str, log: int | None = None
) -> AsyncIterator[Running]:
    """Run a program on the bots' core, and yield it once it is ready; its output goes to the descriptor `log`."""
    port = free_port()
    variables = environment | {"PORT": str(port)}
    running = await asyncio.create_subprocess_exec(*command, env=variables, stdout=log, stderr=log)
    pin(BOT_CORE, running.pid)
    url = f"http://127.0.0.1:{port}"
    try:
        await wait_until_ready(session, url)
        yield Running(running.pid, port, url)
    finally:
        if running.returncode is None:
            running.terminate()
        await _ended(running)


async def _ended(running: asyncio.subprocess.Process) -> None:
    """Wait for a process that was told to stop; kill it if it doesn't."""
    try:
        await asyncio.wait_for(running.wait(), STOP_TIMEOUT)
    except TimeoutError:
        running.kill()
        await running.wait()


async def wait_until_ready(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until the bot at a URL is ready."""
    async with asyncio.timeout(20):
        while not await _is_ready(session, url):  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.1)


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/readyz") as reply:
            return reply.ok
    except aiohttp.ClientError:
        return False


def environment_of(here: str, store: str) -> dict[str, str]:
    """Return a bot's environment for the fake services at `here` and the Redis at `store`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": f"{here}/api/",
        "AYRSHARE_API_KEY": "BENCH-API-KEY",
        "AYRSHARE_DOMAIN": "bench",
        "AYRSHARE_PRIVATE_KEY": key.decode(),
        "AYRSHARE_API_URL": f"{here}/ayrshare",
        "REDIS_URL": store,
        "ENCRYPTION_KEYS": f"bench:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
    }


def pin(core: int, pid: int = 0) -> None:
    """Limit a process, by default this one, to one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {core})


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
