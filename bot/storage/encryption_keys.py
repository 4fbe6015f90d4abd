"""The encryption keys: their text form, `id:base64 of 32 bytes`, newest first, a comma or a line apart; their file."""

import base64
import binascii
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.errors import ConnectbotError
from bot.storage.errors import UnreadableKeyFile

KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
ENVELOPE = re.compile(r"\bv1:([A-Za-z0-9_-]{1,32}):")


class KeyFileNotWritten(ConnectbotError):
    """The disk took no new key; the file is as it was."""

    kind = "key_file_not_written"

    def __init__(self, path: Path, reason: OSError) -> None:
        super().__init__(f"No key could be written to {path}: {reason.strerror}. Its keys are as they were.")


def parse_keys(text: str) -> dict[str, bytes]:
    """Read a key ring, newest key first; raise ValueError, without quoting a key, for anything else."""
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(text.replace("\n", ",").split(","), start=1):
        if entry.strip():
            key_id, key = _parse_key(entry.strip(), number=number)
            if key_id in keys:
                raise ValueError(f"key id {key_id!r} stands there twice")
            keys[key_id] = key
    if not keys:
        raise ValueError("no key in it")
    return keys


def _parse_key(entry: str, *, number: int) -> tuple[str, bytes]:
    key_id, colon, encoded = entry.partition(":")
    if not colon or not KEY_ID.fullmatch(key_id):
        raise ValueError(f"entry {number} has no id in front: write id:base64")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise ValueError(f"entry {number} is not base64 behind its id") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"entry {number} has {len(key)} bytes, and {KEY_BYTES} are needed")
    return key_id, key


def new_key() -> str:
    """Make a key with a random id, in the text form."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def keys_named_in(text: str) -> frozenset[str]:
    """Return the ids of the keys that the envelopes in a text were sealed with."""
    return frozenset(ENVELOPE.findall(text))


class KeyFile:
    """Keys in a file of mode 0600, one a line; several processes may add to it and follow it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None

    def ensure(self) -> None:
        """Put a first key there, unless there are keys; raise KeyFileNotWritten."""
        if not self.path.exists():
            with self._locked() as folder:
                if not self.path.exists():  # another process was first
                    self._write(new_key(), folder)

    def add(self) -> str:
        """Put a new key in front, and return its id; raise UnreadableKeyFile, KeyFileNotWritten."""
        entry = new_key()
        with self._locked() as folder:
            kept = self._read().replace(",", "\n").split() if self.path.exists() else []
            self._write("\n".join([entry, *kept]), folder)
        return entry.partition(":")[0]

    def fresh(self) -> dict[str, bytes] | None:
        """Return the keys if the file is another than at the last call, else None; raise UnreadableKeyFile."""
        try:
            status = self.path.stat()
            seen = (status.st_ino, status.st_ctime_ns, status.st_size)
        except OSError as error:
            raise UnreadableKeyFile(self.path, error) from None
        if seen == self._seen:
            return None
        keys = parse_keys(self._read())
        self._seen = seen
        return keys

    def _read(self) -> str:
        try:
            text = self.path.read_text()
            parse_keys(text)
        except (ValueError, OSError) as error:
            raise UnreadableKeyFile(self.path, error) from None
        return text

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Be the only writer; the lock is on the directory, since the file is replaced by each write."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield folder
            finally:
                os.close(folder)
        except OSError as error:
            raise KeyFileNotWritten(self.path, error) from error

    def _write(self, text: str, folder: int) -> None:
        """Write a whole file or none: a key lost half-way would take every secret with it."""
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.unlink(missing_ok=True)  # of somebody killed
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        os.fsync(folder)
