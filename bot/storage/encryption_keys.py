"""The encryption keys as text, `id:base64 of 32 bytes`, newest first, separated by commas or lines; and their file."""

import base64
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.storage.errors import KeyFileNotWritten, UnreadableKeyFile

KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{64}")
ENVELOPE = re.compile(r"\bv1:([A-Za-z0-9_-]{1,32}):")


def parse_keys(text: str) -> dict[str, bytes]:
    """Return the keys by id, newest first; raise ValueError, without quoting a key, if the text is malformed."""
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
        key = _decoded(encoded)
    except ValueError:
        raise ValueError(f"entry {number} is not base64 behind its id") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"entry {number} has {len(key)} bytes, and {KEY_BYTES} are needed")
    return key_id, key


def _decoded(text: str) -> bytes:
    """Return the bytes of base64, also unpadded or URL-safe, or of hexadecimal, in which 32 bytes have 64 digits."""
    if HEXADECIMAL.fullmatch(text):
        return bytes.fromhex(text)
    padding = "=" * (-len(text) % 4)
    return base64.b64decode(text.replace("-", "+").replace("_", "/") + padding, validate=True)


def new_key() -> str:
    """Return a random key with a random id, as text."""
    return f"k{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def keys_named_in(text: str) -> frozenset[str]:
    """Return the ids of the keys that the envelopes in a text were sealed with."""
    return frozenset(ENVELOPE.findall(text))


class KeyFile:
    """Keys in a file of mode 0600, one per line. Several processes may add to it and reread it at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._version: tuple[int, int, int] | None = None

    def ensure(self) -> None:
        """Write a first key if there is no file; raise KeyFileNotWritten."""
        if not self.path.exists():
            with self._locked() as folder:
                if not self.path.exists():  # another process was first
                    self._write(new_key(), folder)

    def add(self) -> str:
        """Add a new key as the newest and return its id; raise UnreadableKeyFile, KeyFileNotWritten."""
        entry = new_key()
        with self._locked() as folder:
            kept = self._read().replace(",", "\n").split() if self.path.exists() else []
            self._write("\n".join([entry, *kept]), folder)
        return entry.partition(":")[0]

    def fresh(self) -> dict[str, bytes] | None:
        """Return the keys if the file has changed since the last call, else None; raise UnreadableKeyFile."""
        try:
            status = self.path.stat()
            version = (status.st_ino, status.st_ctime_ns, status.st_size)
        except OSError as error:
            raise UnreadableKeyFile(self.path, error) from None
        if version == self._version:
            return None
        keys = parse_keys(self._read())
        self._version = version
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
        """Lock out other writers. The lock is on the directory, because each write replaces the file."""
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
        """Replace the file atomically: without its keys every secret would be lost."""
        draft = self.path.with_name(f"{self.path.name}.new")
        draft.unlink(missing_ok=True)  # a killed process left it
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        os.fsync(folder)
