"""The demo: the sandbox, the bot in its own process, and mappings made with the bot's own command line."""

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from sandbox.environment import LINK_APIS, bot_environment
from sandbox.server import Sandbox

DATA_DIR = ".demo"
MAPPINGS = (
    ("ben", "Acme: Jane", "yes"),
    ("cara", "Acme: Team", "yes"),
    ("cara", "Globex", "no"),
    ("ana", "Initech", "yes"),
)
"""A user, the title of a profile, and whether it is the user's default profile."""
START_TIMEOUT = 30.0
STOP_TIMEOUT = 15.0
READY_POLL_SECONDS = 0.05


class Demo:
    """Everything that the bot talks to is local; leaving the context stops the bot with SIGTERM.

    `link_api` is one of the bot's two ways to make a link; raises ValueError for another.
    """

    def __init__(self, *, port: int, socket_mode: bool, link_api: str, scripted: bool = False) -> None:
        if link_api not in LINK_APIS:
            raise ValueError(f"LINK_API must be one of {' and '.join(LINK_APIS)}")
        self.sandbox = Sandbox(now=lambda: datetime.now(UTC), port=port)
        self.sandbox.slack.socket_mode = socket_mode
        self.sandbox.slack.world.user("eve").is_restricted = True
        self.sandbox.ayrshare.max_pack = bool(os.environ.get("MAX_PACK"))
        self._link_api = link_api
        self._stack = AsyncExitStack()
        self._bot: asyncio.subprocess.Process | None = None
        self._data_dir = Path(os.environ.get("DATA_DIR", DATA_DIR)).resolve()
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._people_mapped = self._data_dir / "demo-people-mapped"
        self.sandbox.live.ready.clear()
        self.log_file = self.sandbox.live.log_file = self._data_dir / "bot.log"
        self._log = self.log_file.open("wb")
        record = os.environ.get("RECORD")
        self._record = Path(record) if record else (self._data_dir / "script.jsonl" if scripted else None)

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self.sandbox)
        self._stack.callback(self._log.close)
        if self._record:
            self._stack.enter_context(self.sandbox.live.recording(self._record))
        port = int(os.environ.get("PORT", "0")) or _free_port()
        self.sandbox.bot_url = f"http://127.0.0.1:{port}"
        self.sandbox.ayrshare.register_webhook(f"{self.sandbox.bot_url}/ayrshare/webhook", secret=secrets.token_hex(16))
        try:
            await asyncio.gather(self._start_bot(port), self._map_people(), self._read_manifest())
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        self.sandbox.live.ready.set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bot is not None and self._bot.returncode is None:
            self._bot.send_signal(signal.SIGTERM)
            await asyncio.wait_for(self._bot.wait(), STOP_TIMEOUT)
        await self._stack.aclose()

    def greet(self) -> None:
        """Print the address of the page, and where the bot's log is."""
        _print(f"Try everything at {self.sandbox.url} (Ctrl-C stops it; the bot's log is {self.log_file})")
        if os.environ.get("WORKSPACES"):
            _print(f"No workspace has the app yet: install it at {self.sandbox.bot_url}/slack/install")

    @property
    def mode(self) -> str:
        """A sentence that names the transport to the bot and the API that makes links."""
        transport = "Socket Mode" if self.sandbox.slack.socket_mode else "HTTP"
        links = "link sessions" if self._link_api == "session" else "generateJWT"
        return f"Slack reaches the bot over {transport}; links are made by {links}."

    async def run_until_stopped(self) -> int:
        """Wait for Ctrl-C or SIGTERM and return the exit code; restart the bot when its process ends."""
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        waiting = asyncio.ensure_future(stopped.wait())
        while not stopped.is_set() and self._bot is not None:
            ended = asyncio.ensure_future(self._bot.wait())
            await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and not stopped.is_set():
                _print(f"The bot ended with {ended.result()}; it is started again.")
                await self._start_bot(int(self.sandbox.bot_url.rpartition(":")[2]))
        return 0

    async def _start_bot(self, port: int) -> None:
        self._bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "demobot"),
            cwd=self._data_dir,
            env=bot_environment(self.sandbox, self._data_dir, port=port, link_api=self._link_api),
            start_new_session=True,
            stdout=self._log,
            stderr=self._log,
        )
        await _wait_until_ready(f"{self.sandbox.bot_url}/readyz", self._bot)

    async def _map_people(self) -> None:
        """Import the mappings, on the first start only: the bot keeps them in its data directory."""
        if self._people_mapped.exists():
            return
        team = self.sandbox.slack.world.team.id
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "mappings", "import", "-", "--team", team, "--apply", "--quiet"),
            cwd=self._data_dir,
            env=bot_environment(self.sandbox, self._data_dir, port=0, link_api=self._link_api),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await command.communicate(self._mappings_csv().encode())
        if command.returncode:
            _print(output.decode())
            raise RuntimeError(f"mapping people to profiles failed with exit code {command.returncode}")
        self._people_mapped.touch()

    async def _read_manifest(self) -> None:
        """Have the bot write its manifest, which tells Slack the command, its hint and the shortcuts."""
        command = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "manifest", "--socket"),
            cwd=self._data_dir,
            env=bot_environment(self.sandbox, self._data_dir, port=0, link_api=self._link_api),
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await command.communicate()
        if command.returncode == 0:
            self.sandbox.slack.install(json.loads(output))

    def _mappings_csv(self) -> str:
        keys = {profile.title: profile.key for profile in self.sandbox.ayrshare.profiles}
        users = self.sandbox.slack.world
        rows = [f"{users.user(user).id},{keys[title]},{default}" for user, title, default in MAPPINGS]
        return "\n".join(["user,profile_key,default", *rows])


async def _wait_until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    """Wait until the URL answers with success; raises RuntimeError when the process ends first."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_TIMEOUT):
        while process.returncode is None:
            with suppress(aiohttp.ClientError):
                async with session.get(url) as response:
                    if response.ok:
                        return
            await asyncio.sleep(READY_POLL_SECONDS)
    raise RuntimeError(f"the bot ended with exit code {process.returncode}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
