"""The list of the append-only files, without which the server begins empty beside them, and what it can be made from.

Its lines are `file <name> seq <number> type <b, i or h>`: the snapshot, what was appended since, and what is replaced
(https://valkey.io/topics/persistence/). The server writes it again after each rewrite of its files.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from bot.storage.embedded.append_only import FOLDER, copy_name

MANIFEST = "appendonly.aof.manifest"
LINE = re.compile(r"file \S+ seq \d+ type [bih]( .*)?")
DATA = re.compile(r"appendonly\.aof\.(\d+)\.(base\.(?:rdb|aof)|incr\.aof)")


@dataclass(frozen=True, slots=True)
class ManifestLost:
    """The list is missing or says nothing that can be read. `lines` are those it must have had, if that is certain."""

    path: Path
    lines: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say what is wrong, and how the data is saved."""
        how = "`connectbot repair` writes a new one from the files beside it." if self.lines else ""
        return f"{self.path}, the list of its files, is missing or damaged. {how}".rstrip()


def find_lost(data_dir: Path) -> ManifestLost | None:
    """Return what is wrong with the list; nothing is while no file beside it holds data."""
    path = data_dir / FOLDER / MANIFEST
    found = sorted((int(name[1]), file) for file in path.parent.glob("*") if (name := DATA.fullmatch(file.name)))
    bases = [(number, file) for number, file in found if ".base." in file.name]
    appended = [(number, file) for number, file in found if ".base." not in file.name]
    if not any(file.stat().st_size for _, file in appended) and not any(number > 1 for number, _ in bases):
        return None
    lines = path.read_bytes().decode(errors="replace").splitlines() if path.exists() else []
    if lines and all(LINE.fullmatch(line) for line in lines):
        return None
    certain = len(bases) <= 1  # killed within a rewrite it leaves two, and which is meant nobody knows
    made = [*(_line(*base, "b") for base in bases), *(_line(*one, "i") for one in appended)]
    return ManifestLost(path, tuple(made) if certain else ())


def write_anew(lost: ManifestLost, data_dir: Path) -> Path | None:
    """Write the list, and return where a copy of it as it was is kept; None if there was none."""
    copy = copy_name(lost.path, data_dir) if lost.path.exists() else None
    if copy:
        shutil.copy2(lost.path, copy)
    written = lost.path.with_suffix(".repaired")
    written.write_text("".join(f"{line}\n" for line in lost.lines))
    written.replace(lost.path)
    return copy


def _line(number: int, file: Path, kind: str) -> str:
    return f"file {file.name} seq {number} type {kind}"
