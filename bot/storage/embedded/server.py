"""The embedded server as one of its users sees it. A user is the bot or a command; the last one to leave stops it.

Four lock files in `DATA_DIR` say who uses it. Only the locks count, so a copied `DATA_DIR` starts free of users:

    bot.lock         held by the bot, exclusively
    users.lock       held by every user, shared; its text is the path of the server's socket
    start-stop.lock  held by a user while it starts or stops the server
    server.lock      held by the server, which inherits it: locked means alive
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import structlog

from bot.storage.embedded.append_only import Damage, cut_incomplete, cut_zeros, find_damage, repair
from bot.storage.embedded.locks import POLL_EVERY, FileLock
from bot.storage.embedded.manifest import ManifestLost, find_lost, write_anew
from bot.storage.embedded.process import (
    NO_SPACE,
    ask,
    close_to_others,
    is_full,
    last_log_lines,
    leave_to_owner,
    make_private,
    pid_of,
    socket_path,
    spawn,
)
from bot.storage.embedded.snapshot import SnapshotDamaged, find_emptied, lay_aside
from bot.storage.embedded.snapshot import find_damaged as find_damaged_snapshot
from bot.storage.errors import (
    DataDirInUse,
    DataDirUnusable,
    EmbeddedServerFailed,
    FilesDamaged,
    NoAnswer,
    ServerRuns,
    SocketHidden,
)

START_TIMEOUT = 10.0
"""Seconds until the server must answer."""
STOP_TIMEOUT = 5.0
"""Seconds until a server that is told to stop is killed; it keeps all acknowledged writes even then."""
LOCK_TIMEOUT = 2 * START_TIMEOUT
"""Seconds to wait while another user starts or stops the server."""
SOCKET_TIMEOUT = 1.0
"""Seconds in which the socket of a server that lives must be seen."""
CHECK_EVERY = 0.5
"""Seconds between two checks that the server lives."""
STEADY_AFTER = 5.0
"""Seconds that a restarted server has to live before it counts as back."""


log = structlog.get_logger()


@asynccontextmanager
async def embedded_server(data_dir: Path, *, bot: bool) -> AsyncIterator[str]:
    """Keep a server running on `data_dir` and yield its `unix://` URL. `bot` claims the one place of a bot.

    Raises DataDirInUse for a second bot, EmbeddedServerFailed if the server can't run.
    """
    with ExitStack() as handles:
        with _os_errors_explained(data_dir):
            server = Server(data_dir, handles)
            if bot and not server.claim():
                raise DataDirInUse(data_dir)
            await server.join()
        try:
            await server.ensure()
            keeper = asyncio.create_task(server.keep_alive(), name="embedded-server-keeper")
            try:
                yield f"unix://{quote(str(server.socket))}"
            finally:
                keeper.cancel()
                await asyncio.wait({keeper})
        finally:
            await server.leave()


def repaired(data_dir: Path) -> list[tuple[Damage | ManifestLost | SnapshotDamaged, Path | None]]:
    """Repair what is damaged; return it, each with the copy that is kept of what there was.

    Raises EmbeddedServerFailed while a server is alive, whose files they are.
    """
    with _os_errors_explained(data_dir), ExitStack() as handles:
        server = Server(data_dir, handles)
        if not server.occupy():
            raise ServerRuns(data_dir)
        leave_to_owner(data_dir)
        found: list[tuple[Damage | ManifestLost | SnapshotDamaged, Path | None]] = []
        if (lost := find_lost(data_dir)) and lost.lines:
            found.append((lost, write_anew(lost, data_dir)))
        if snapshot := find_emptied(data_dir) or find_damaged_snapshot(data_dir):
            found.append((snapshot, lay_aside(snapshot, data_dir)))
        return found + [(damage, repair(damage, data_dir)) for damage in find_damage(data_dir)]


class Server:
    """The server of one `DATA_DIR`; `socket` is set by `join`."""

    socket: Path

    def __init__(self, data_dir: Path, handles: ExitStack) -> None:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._data_dir = data_dir.resolve()
        close_to_others(self._data_dir)
        self._bot, self._users, self._start_stop, self._life = (
            handles.enter_context(FileLock(self._data_dir / f"{name}.lock"))
            for name in ("bot", "users", "start-stop", "server")
        )

    def claim(self) -> bool:
        """Become the bot of this directory; return False if another process is."""
        return self._bot.try_exclusive()

    def occupy(self) -> bool:
        """Keep servers from being started; return False if one is alive."""
        return self._life.try_exclusive()

    def alive(self) -> bool:
        """Whether the server's process lives."""
        if self._life.try_shared():
            self._life.release()
            return False
        return True

    async def join(self) -> None:
        """Become a user, so that no other user stops the server."""
        async with self._start_stop_lock():
            if self._users.try_exclusive() and not self.alive():
                self._users.write(str(socket_path(self._data_dir)))
            self._users.try_shared()
            self.socket = Path(self._users.read())

    async def ensure(self) -> None:
        """Start the server if it doesn't answer; raise EmbeddedServerFailed if that doesn't help."""
        with _os_errors_explained(self._data_dir):
            async with self._start_stop_lock():
                await self._expect_socket()
                if await self._answers() or await self._started():
                    return
                self._raise_damage()
                if not cut_incomplete(self._data_dir) or not await self._started():
                    raise self._failure("died while starting")

    async def keep_alive(self) -> None:
        """Restart the server whenever it has died, until cancelled; log once when it is lost and when it is back."""
        lost_at: float | None = None
        while True:
            await asyncio.sleep(CHECK_EVERY)
            if not self.alive() or not self.socket.is_socket():
                if lost_at is None:
                    log.warning("embedded_server_lost", data_dir=str(self._data_dir), reason=self._reason())
                lost_at = time.monotonic()
                await self._restart()
            elif lost_at is not None and time.monotonic() - lost_at >= STEADY_AFTER:
                lost_at = None
                log.info("embedded_server_back", data_dir=str(self._data_dir))

    async def leave(self) -> None:
        """Stop the server if it has no other user."""
        async with self._start_stop_lock():
            if self._users.try_exclusive():
                await self._stop()

    @asynccontextmanager
    async def _start_stop_lock(self) -> AsyncIterator[None]:
        try:
            await self._start_stop.exclusive(within=LOCK_TIMEOUT)
        except TimeoutError:
            raise self._failure("is being started or stopped by a process that does not finish") from None
        try:
            yield
        finally:
            self._start_stop.release()

    async def _started(self) -> bool:
        """Start the server, and return whether it lives."""
        if self.socket.parent != self._data_dir:
            make_private(self.socket.parent)
        with FileLock(self._data_dir / "server.lock") as life:
            await life.exclusive(within=START_TIMEOUT)
            leave_to_owner(self._data_dir)
            cut_zeros(self._data_dir)
            if lost := find_lost(self._data_dir) or find_emptied(self._data_dir):
                raise FilesDamaged(lost.sentence)
            spawn(self._data_dir, at=self.socket, lock=life.fd)
        return await self._answers()

    async def _answers(self) -> bool:
        """Wait until the server answers; return False as soon as it is not alive."""
        with suppress(TimeoutError):
            async with asyncio.timeout(START_TIMEOUT):
                while self.alive():
                    if await ask(self.socket, b"PING") == b"+PONG":
                        return True
                    await asyncio.sleep(POLL_EVERY)
                return False
        raise self._failure(f"does not answer at {self.socket}")

    async def _restart(self) -> None:
        """Start the server, again and again until that succeeds; log the first failure."""
        logged = False
        while True:
            try:
                return await self.ensure()
            except EmbeddedServerFailed as failure:
                if not logged:
                    log.error("embedded_server_failed", reason=failure.sentence)
                    logged = True
                await asyncio.sleep(CHECK_EVERY)

    def _reason(self) -> str:
        """Say why the server died, as far as can be seen."""
        if self.alive():
            return f"{self.socket} was removed"
        if is_full(self._data_dir):
            return NO_SPACE
        return last_log_lines(self._data_dir).strip().rpartition("\n")[2]

    async def _stop(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                while self.alive():
                    await ask(self.socket, b"SHUTDOWN")
                    await asyncio.sleep(POLL_EVERY)
        if self.alive():
            await self._kill()
        if self.socket.is_socket():  # a killed server leaves it behind
            self.socket.unlink()

    async def _kill(self) -> None:
        os.kill(pid_of(self._data_dir), signal.SIGKILL)
        await self._life.exclusive(within=STOP_TIMEOUT)
        self._life.release()

    async def _expect_socket(self) -> None:
        """End a server whose socket can't be seen from here, or raise EmbeddedServerFailed if others use it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SOCKET_TIMEOUT):
                while self.alive() and not self.socket.is_socket():  # noqa: ASYNC110 - a file sets no event
                    await asyncio.sleep(POLL_EVERY)
                return
        alone = self._users.try_exclusive()
        if alone:  # whoever used it was killed
            log.warning("embedded_server_ended", data_dir=str(self._data_dir), reason=f"{self.socket} is gone")
            await self._kill()
            self.socket = socket_path(self._data_dir)
            self._users.write(str(self.socket))
        self._users.try_shared()
        if not alone:
            raise SocketHidden(self._data_dir, self.socket)

    def _raise_damage(self) -> None:
        damaged = [find_damaged_snapshot(self._data_dir), *find_damage(self._data_dir)]
        if found := " ".join(damage.sentence for damage in damaged if damage):
            raise FilesDamaged(found)

    def _failure(self, what: str) -> EmbeddedServerFailed:
        return NoAnswer(self._data_dir, what, last_log_lines(self._data_dir))


@contextmanager
def _os_errors_explained(data_dir: Path) -> Iterator[None]:
    """Turn the operating system's refusals into EmbeddedServerFailed."""
    try:
        yield
    except OSError as error:
        raise DataDirUnusable(data_dir, error, user=os.geteuid()) from error
