"""Bots in processes of their own, each on its own core."""

import asyncio
import base64
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SECRET = secrets.token_hex(16)
BOT_CORE, LOAD_CORE = 0, 1


@asynccontextmanager
async def process(session: aiohttp.ClientSession, environment: dict[str, str], *command: str) -> AsyncIterator[str]:
    """Run a bot on its own core, and yield its URL once it is ready."""
    port = free_port()
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, env=environment | {"PORT": str(port)}, preexec_fn=lambda: pin(BOT_CORE)
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await wait_until_ready(session, url)
        yield url
    finally:
        running.terminate()
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


def pin(core: int) -> None:
    """Limit this process to one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
