"""Where the socket lies: a private directory with a short name, since a socket's path has little room."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bot.storage.embedded.failures import EmbeddedServerFailed

ROOM = 104
"""A socket's path has to be shorter than this many bytes: sun_path on macOS (108 on Linux)."""


def socket_path(data_dir: Path) -> Path:
    """Return where the server of `data_dir` (resolved) listens when it is started from this environment."""
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16] + ".sock"
    paths = [base / f"connectbot-{os.getuid()}" / name for base in _bases()]
    for path in paths:
        if len(os.fsencode(path)) < ROOM:
            return path
    raise EmbeddedServerFailed(
        f"The embedded Redis needs a socket, and its path {paths[-1]} is too long "
        f"({ROOM} bytes or more). Set TMPDIR to a directory with a shorter name."
    )


def make_private(directory: Path) -> None:
    """Make `directory`; raise EmbeddedServerFailed if others could read or change what lies there."""
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    found = directory.lstat()
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not ours or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedServerFailed(
            f"The embedded Redis does not put its socket into {directory}: it is not a directory of this "
            "user's own that is closed to others (mode 0700). Remove it, or set TMPDIR to another directory."
        )


def _bases() -> Iterator[Path]:
    """Yield the session's runtime directory where there is one, then the temporary directory.

    XDG_RUNTIME_DIR is absolute and the user's own: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    session = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    if session.is_absolute() and session.is_dir() and session.stat().st_uid == os.getuid():
        yield session
    yield Path(tempfile.gettempdir())
