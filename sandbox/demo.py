"""The demo's parts: the sandbox, the bot's process, and people mapped through the bot's own command line."""

import asyncio
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from sandbox.environment import LINK_APIS, bot_environment
from sandbox.server import Sandbox

DATA_DIR = ".demo"
MAPPED = (("ben", "Acme: Jane"), ("cara", "Acme: Team"), ("cara", "Globex"), ("ana", "Initech"))
START_PATIENCE = 30.0
STOP_PATIENCE = 15.0


class Demo:
    """Everything faked but the bot; leaving it stops the bot as an operator would.

    `link_api` is one of the bot's two ways to a linking page; raises ValueError for another.
    """

    def __init__(self, *, port: int, socket_mode: bool, link_api: str) -> None:
        if link_api not in LINK_APIS:
            raise ValueError(f"LINK_API must be one of {' and '.join(LINK_APIS)}")
        self.sandbox = Sandbox(now=lambda: datetime.now(UTC), port=port)
        self.sandbox.slack.socket_mode = socket_mode
        self._link_api = link_api
        self._stack = AsyncExitStack()
        self._bot: asyncio.subprocess.Process | None = None
        self._data_dir = Path(os.environ.get("DATA_DIR", DATA_DIR)).resolve()
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._mapped = self._data_dir / "demo-people-mapped"

    async def __aenter__(self) -> Self:
        async with _stage("local Slack and Ayrshare"):
            await self._stack.enter_async_context(self.sandbox)
        port = int(os.environ.get("PORT", "0")) or _free_port()
        self.sandbox.bot_url = f"http://127.0.0.1:{port}"
        self.sandbox.ayrshare.tell(f"{self.sandbox.bot_url}/ayrshare/webhook", secret=secrets.token_hex(16))
        try:
            async with _stage("the bot" if self._mapped.exists() else "the bot, and people mapped to profiles"):
                await asyncio.gather(self._start_bot(port), self._map_people())
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bot is not None and self._bot.returncode is None:
            self._bot.send_signal(signal.SIGTERM)
            await asyncio.wait_for(self._bot.wait(), STOP_PATIENCE)
        await self._stack.aclose()

    def greet(self, *, seconds: float) -> None:
        """Say where everything is and what to try."""
        url = self.sandbox.url
        _say(f"\nReady after {seconds:.1f} s. The sandbox is at {url}\n")
        _say(f"{self.mode}\n")
        _say("Type a command as ben, and see what he sees:")
        _say(
            f"  curl -s {url}/control/command -H 'Content-Type: application/json' "
            '-d \'{"user": "ben", "channel": "general", "command": "/connect", "text": ""}\''
        )
        _say(f"  curl -s '{url}/control/messages?viewer=ben&channel=general'")
        _say("Ctrl-C stops it.")

    @property
    def mode(self) -> str:
        """How Slack reaches the bot, and how the bot asks for links."""
        way = "Socket Mode" if self.sandbox.slack.socket_mode else "HTTP"
        links = "link sessions" if self._link_api == "session" else "generateJWT"
        return f"Slack reaches the bot over {way}; links are made by {links}."

    async def until_told_to_stop(self) -> int:
        """Wait for Ctrl-C or SIGTERM; a bot that was killed is started again, as a platform would do."""
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        waiting = asyncio.ensure_future(told.wait())
        while not told.is_set() and self._bot is not None:
            ended = asyncio.ensure_future(self._bot.wait())
            await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not told.is_set():
                _say(f"The bot ended with {ended.result()}; it is started again.")
                await self._start_bot(int(self.sandbox.bot_url.rpartition(":")[2]))
        return 0

    async def _start_bot(self, port: int) -> None:
        self._bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=self._data_dir,
            env=bot_environment(self.sandbox, self._data_dir, port=port, link_api=self._link_api),
            start_new_session=True,
        )
        await _answering(f"{self.sandbox.bot_url}/readyz", self._bot)

    async def _map_people(self) -> None:
        """Map them on the first start only: the bot remembers."""
        if not self._mapped.exists():
            await asyncio.gather(*(self._map(user, title) for user, title in MAPPED))
            self._mapped.touch()

    async def _map(self, user: str, title: str) -> None:
        key = next(profile.key for profile in self.sandbox.ayrshare.profiles if profile.title == title)
        world = self.sandbox.slack.world
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "mappings", "set", world.team.id, world.user(user).id),
            cwd=self._data_dir,
            env=bot_environment(self.sandbox, self._data_dir, port=0, link_api=self._link_api),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await command.communicate(key.encode())
        if command.returncode:
            raise RuntimeError(f"mapping {user} to {title!r} failed with exit code {command.returncode}")
        _say(f"    {user}: {said.decode().strip()}")


@asynccontextmanager
async def _stage(name: str) -> AsyncIterator[None]:
    began = time.monotonic()
    yield
    _say(f"  {time.monotonic() - began:5.1f} s  {name}")


async def _answering(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_PATIENCE):
        while process.returncode is None:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.ok:
                        return
            await asyncio.sleep(0.05)
    raise RuntimeError(f"the bot ended with exit code {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
