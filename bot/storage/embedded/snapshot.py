"""The snapshot: what the append-only files began with when they were last rewritten, and what is left without it.

The server takes an empty snapshot for a whole one and begins without what it held. Of one that is damaged it says only
that, and names a program of its own that this machine has under another name: the server itself.
"""

import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.storage.embedded.append_only import FOLDER, copy_name
from bot.storage.embedded.manifest import MANIFEST
from bot.storage.embedded.process import binary

LISTED = re.compile(r"^file (\S+) seq (\d+) type b( .*)?\n", re.MULTILINE)
CHECK = "valkey-check-rdb"
"""Called by this name, the server checks a snapshot (https://github.com/valkey-io/valkey/blob/unstable/src/server.c)."""


@dataclass(frozen=True, slots=True)
class SnapshotDamaged:
    """A snapshot that can't be read, although the list of files names it; `written` is None if it is missing."""

    path: Path
    written: datetime | None

    @property
    def sentence(self) -> str:
        """Say what is lost with it, and how the rest is saved."""
        held = f", which held everything up to {self.written:%Y-%m-%d %H:%M} UTC," if self.written else ""
        return (
            f"{self.path}{held} is missing, empty or damaged. Where there is no copy of it, `connectbot repair` "
            "goes on without it, with what was written since."
        )


def find_emptied(data_dir: Path) -> SnapshotDamaged | None:
    """Return the snapshot if it is empty; that of a server's first start holds nothing, so nothing is lost with it."""
    path, number = _listed(data_dir)
    return _damaged(path) if path and number > 1 and path.exists() and not path.stat().st_size else None


def find_damaged(data_dir: Path) -> SnapshotDamaged | None:
    """Return the snapshot if the server can't read it."""
    path, _ = _listed(data_dir)
    return _damaged(path) if path and not _is_whole(path) else None


def lay_aside(damaged: SnapshotDamaged, data_dir: Path) -> Path | None:
    """Take the snapshot out of the list of files, and return where it is kept."""
    manifest = damaged.path.with_name(MANIFEST)
    written = manifest.with_suffix(".repaired")
    written.write_text(LISTED.sub("", manifest.read_text()))
    written.replace(manifest)
    return damaged.path.rename(copy_name(damaged.path, data_dir)) if damaged.written else None


def _listed(data_dir: Path) -> tuple[Path | None, int]:
    """Return the snapshot that the list of files names, and which one it is in their order."""
    manifest = data_dir / FOLDER / MANIFEST
    found = LISTED.search(manifest.read_bytes().decode(errors="replace")) if manifest.exists() else None
    return (manifest.with_name(found[1]), int(found[2])) if found else (None, 0)


def _damaged(path: Path) -> SnapshotDamaged:
    return SnapshotDamaged(path, datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.exists() else None)


def _is_whole(path: Path) -> bool:
    """Return whether the server can read it; that of a first start may be empty."""
    if path.exists() and not path.stat().st_size:
        return True
    checked = subprocess.run([CHECK, path], executable=binary(), env={}, capture_output=True, check=False)  # noqa: S603 - no input
    return checked.returncode == 0
