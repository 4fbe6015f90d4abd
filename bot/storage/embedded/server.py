"""The embedded server as one of its users has it: the bot or a command. The last to leave stops it.

Four lock files in `DATA_DIR` say who is here. What counts is the lock, so a copy knows nothing of its origin:

    bot.lock         the bot, exclusively
    users.lock       every user, shared; its text is the path of the socket they use
    start-stop.lock  whoever starts or stops the server, for just that long
    server.lock      the server itself, which inherits it: locked means alive, whoever started it
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import structlog

from bot.storage.embedded.failures import DataDirInUse, EmbeddedServerFailed, explained
from bot.storage.embedded.locks import TICK, FileLock
from bot.storage.embedded.process import ask, last_words, pid_of, spawn
from bot.storage.embedded.runtime import make_private, socket_path

START = 10.0
"""Seconds the server has until it answers."""
STOP = 5.0
"""Seconds the server has until it is killed; even then it has lost nothing it acknowledged."""
TURN = 2 * START
"""Seconds to wait while another user starts or stops the server."""
CHECK = 0.5
"""Seconds between two looks at whether the server lives."""

log = structlog.get_logger()


@asynccontextmanager
async def embedded_server(data_dir: Path, *, bot: bool) -> AsyncIterator[str]:
    """Keep a server running on `data_dir` and yield its `unix://` URL; the `bot` is the only one of its kind.

    Raises DataDirInUse for a second bot, EmbeddedServerFailed when there is no server to be had.
    """
    with ExitStack() as handles:
        with explained(data_dir):
            server = Server(data_dir, handles)
            if bot and not server.claim():
                raise DataDirInUse(data_dir)
            await server.join()
        try:
            await server.ensure()
            keeper = asyncio.create_task(server.keep(), name="embedded-server-keeper")
            try:
                yield f"unix://{quote(str(server.socket))}"
            finally:
                keeper.cancel()
                await asyncio.wait({keeper})
        finally:
            await server.leave()


class Server:
    """The server of one `DATA_DIR`; `socket` is known once joined."""

    socket: Path

    def __init__(self, data_dir: Path, handles: ExitStack) -> None:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data_dir = data_dir.resolve()
        self._bot, self._users, self._start_stop, self._life = (
            handles.enter_context(FileLock(self._data_dir / f"{name}.lock"))
            for name in ("bot", "users", "start-stop", "server")
        )

    def claim(self) -> bool:
        """Become the bot of this directory, unless there is one."""
        return self._bot.try_exclusive()

    def alive(self) -> bool:
        """Whether the server's process lives."""
        if self._life.try_shared():
            self._life.release()
            return False
        return True

    async def join(self) -> None:
        """Become a user: from now on nobody stops the server."""
        async with self._turn():
            if self._users.try_exclusive() and not self.alive():
                self._users.write(str(socket_path(self._data_dir)))
            self._users.try_shared()
            self.socket = Path(self._users.read())

    async def ensure(self) -> None:
        """Return once the server answers, started if need be; raise EmbeddedServerFailed if it does not."""
        with explained(self._data_dir):
            async with self._turn():
                if not await self._answers():
                    await self._start()
                    if not await self._answers():
                        raise self._failure("died while starting")

    async def keep(self) -> None:
        """Start the server again whenever it has died, until cancelled."""
        while True:
            await asyncio.sleep(CHECK)
            if not self.alive():
                log.warning("embedded_server_lost", data_dir=str(self._data_dir))
                await self._revive()
                log.info("embedded_server_back", data_dir=str(self._data_dir))

    async def leave(self) -> None:
        """Stop the server if nobody else uses it."""
        async with self._turn():
            if self._users.try_exclusive():
                await self._stop()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            await self._start_stop.exclusive(within=TURN)
        except TimeoutError:
            raise self._failure("is being started or stopped by a process that does not finish") from None
        try:
            yield
        finally:
            self._start_stop.release()

    async def _start(self) -> None:
        make_private(self.socket.parent)
        with FileLock(self._data_dir / "server.lock") as life:
            await life.exclusive(within=START)
            spawn(self._data_dir, socket=self.socket, lock=life.fd)

    async def _answers(self) -> bool:
        """Wait until the server answers; return False as soon as there is none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(START):
                while self.alive():
                    if await ask(self.socket, b"PING") == b"+PONG":
                        return True
                    await asyncio.sleep(TICK)
                return False
        raise self._failure(f"does not answer at {self.socket}")

    async def _revive(self) -> None:
        told = False
        while True:
            try:
                return await self.ensure()
            except EmbeddedServerFailed as failure:
                if not told:
                    log.error("embedded_server_failed", reason=failure.sentence)
                    told = True
                await asyncio.sleep(CHECK)

    async def _stop(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP):
                while self.alive():
                    await ask(self.socket, b"SHUTDOWN")
                    await asyncio.sleep(TICK)
        if self.alive():
            os.kill(pid_of(self._data_dir), signal.SIGKILL)
            await self._life.exclusive(within=STOP)
        if self.socket.is_socket():  # a killed server leaves it
            self.socket.unlink()

    def _failure(self, what: str) -> EmbeddedServerFailed:
        return EmbeddedServerFailed(
            f"The embedded Redis of DATA_DIR {self._data_dir} {what}. Its log ends with:\n"
            f"{last_words(self._data_dir)}\n"
            "If a file is damaged, put DATA_DIR back from a copy; if the disk is full, make room; "
            "or set REDIS_URL to use another Redis."
        )
