"""The append-only files: which parts of them are whole commands, what a power cut left behind, and what can be saved.

Every command that changes something is appended as `*<words>` and, for each word, `$<bytes>` and the word, each with
CRLF behind it (https://valkey.io/topics/protocol/). The server would cut an incomplete last command by itself, but it
takes a damaged length in the middle for one too, and cuts all that follows. So it is told not to (process.py).
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import structlog

FOLDER = "appendonlydir"
BLOCK = 64 * 1024
WORDS = re.compile(rb"\*(\d{1,9})\r\n")
WORD = re.compile(rb"\$(\d{1,9})\r\n")
LINE_ENDS = b"\r\n"
BEGINS, ENDS = b"*1\r\n$5\r\nMULTI\r\n", b"*1\r\n$4\r\nEXEC\r\n"
"""Around the commands of a transaction."""
SNAPSHOT_ENDS = b"\xff"
CHECKSUM_BYTES = 8
WORDS_CUT, WORD_CUT = re.compile(rb"\*(\d{1,9}\r?)?"), re.compile(rb"(\$(\d{1,9}\r?)?)?")
"""What of these is left where a file ends in them."""
NEXT_COMMAND = re.compile(rb"\*\d{1,9}\r\n\$\d{1,9}\r\n")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Damage:
    """A file with bytes that are no commands: `lost` of them, the first at `at`."""

    path: Path
    at: int
    lost: int
    size: int

    @property
    def sentence(self) -> str:
        """Say what is damaged, and how the rest is saved."""
        return (
            f"{self.path} is damaged at byte {self.at}: {self.lost} of its {self.size} bytes are no commands. "
            "`connectbot repair` takes them out, saves everything else, and keeps a copy of the file as it is."
        )


def cut_zeros(data_dir: Path) -> None:
    """Cut the zeros that a power cut left at the end of a file, and keep a copy of it: no command ends with one."""
    for path in sorted((data_dir / FOLDER).glob("appendonly.aof.*")):
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            whole = _size_without_zeros(file, size)
            if path.suffix == ".rdb":
                whole = _size_of_snapshot(file, whole, size)
        if whole < size:
            _cut(path, data_dir, whole, "zeros")


def cut_incomplete(data_dir: Path) -> bool:
    """Cut a last command or transaction that is incomplete, and keep a copy; return whether there was one.

    It was never acknowledged, since each write waits for the disk.
    """
    for path in _files(data_dir):
        raw = path.read_bytes()
        whole = _size_of_whole(raw)
        if whole < len(raw):
            _cut(path, data_dir, whole, "an incomplete command")
            return True
    return False


def find_damage(data_dir: Path) -> list[Damage]:
    """Return each damaged file; one that only ends within a command is none."""
    found = []
    for path in _files(data_dir):
        raw = path.read_bytes()
        gaps = list(_gaps(raw))
        if gaps:
            found.append(Damage(path, gaps[0][0], sum(end - start for start, end in gaps), len(raw)))
    return found


def repair(damage: Damage, data_dir: Path) -> Path:
    """Take what is no command out of a file, and return where a copy of it is kept; no server may be alive."""
    raw, kept, at = damage.path.read_bytes(), [], 0
    for start, end in _gaps(raw):
        kept.append(raw[at:start])
        at = end
    copy = _copy(damage.path, data_dir)
    repaired = damage.path.with_suffix(".repaired")
    repaired.write_bytes(b"".join([*kept, raw[at:]]))
    repaired.replace(damage.path)
    return copy


def _files(data_dir: Path) -> list[Path]:
    return sorted((data_dir / FOLDER).glob("*.incr.aof"))


def copy_name(path: Path, data_dir: Path) -> Path:
    """Return where a copy of a damaged file is kept."""
    return data_dir / f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"


def _copy(path: Path, data_dir: Path) -> Path:
    copy = copy_name(path, data_dir)
    shutil.copy2(path, copy)
    return copy


def _cut(path: Path, data_dir: Path, size: int, what: str) -> None:
    copy, before = _copy(path, data_dir), path.stat().st_size
    os.truncate(path, size)
    log.warning("append_only_file_cut", file=path.name, cut=what, bytes=before - size, copy=str(copy))


def _size_without_zeros(file: BinaryIO, size: int) -> int:
    while size:
        start = max(0, size - BLOCK)
        file.seek(start)
        block = file.read(size - start).rstrip(b"\0")
        if block:
            return start + len(block)
        size = start
    return 0


def _size_of_snapshot(file: BinaryIO, without_zeros: int, size: int) -> int:
    """Return how long a snapshot was before zeros came behind it: it ends with 255 and a checksum of 8 bytes."""
    if size - without_zeros <= CHECKSUM_BYTES:
        return size
    for end in range(max(without_zeros, CHECKSUM_BYTES + 1), without_zeros + CHECKSUM_BYTES + 1):
        file.seek(end - CHECKSUM_BYTES - 1)
        if file.read(1) == SNAPSHOT_ENDS:
            return end
    return size


def _gaps(raw: bytes) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each part that is no command."""
    at = 0
    while at < len(raw):
        end = _end_of_command(raw, at)
        if end is None or end > len(raw):
            following = _next_command(raw, at + 1)
            if following is not None or end is None:
                yield at, len(raw) if following is None else following
            if following is None:
                return
            end = following
        at = end


def _size_of_whole(raw: bytes) -> int:
    at = whole = 0
    in_transaction = False
    while (end := _end_of_command(raw, at)) is not None and end <= len(raw):
        in_transaction = raw.startswith(BEGINS, at) or (in_transaction and not raw.startswith(ENDS, at))
        at = end
        whole = whole if in_transaction else at
    return whole


def _end_of_command(raw: bytes, at: int) -> int | None:
    """Return where the command that begins at `at` ends, a place beyond the file if that is cut within it, or None."""
    words = WORDS.match(raw, at)
    if not words:
        return len(raw) + 1 if WORDS_CUT.fullmatch(raw, at) else None
    at = words.end()
    for _ in range(int(words[1])):
        word = WORD.match(raw, at)
        if not word:
            return len(raw) + 1 if WORD_CUT.fullmatch(raw, at) else None
        at = word.end() + int(word[1]) + len(LINE_ENDS)
        if not LINE_ENDS.startswith(raw[at - len(LINE_ENDS) : at]):
            return None
        if at > len(raw):
            break
    return at


def _next_command(raw: bytes, at: int) -> int | None:
    starts = (found.start() for found in NEXT_COMMAND.finditer(raw, at))
    return next((start for start in starts if (_end_of_command(raw, start) or len(raw) + 1) <= len(raw)), None)
