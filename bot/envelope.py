"""Secrets at rest: AES-256-GCM envelopes with a key id, bound to the place they belong to.

An envelope reads `v1:<key id>:<base64 of nonce and ciphertext>`. Its associated data is the context it was sealed for
(such as team, profile and purpose), so that a record moved elsewhere fails to open.
"""

import base64
import binascii
import json
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from bot.encryption_keys import new_key, parse_keys
from bot.errors import UnreadableKeyFile, UnreadableSecret

KEY_FILE = "encryption.keys"
NONCE_BYTES = 12


class KeyRing:
    """Seals with the newest key, opens with whichever key an envelope names."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._newest = next(iter(keys))

    def seal(self, secret: SecretStr, *context: str) -> str:
        """Put a secret into an envelope that opens only in the same context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = secret.get_secret_value().encode()
        sealed = self._ciphers[self._newest].encrypt(nonce, plain, _bound_to(context))
        return f"v1:{self._newest}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, envelope: str, *context: str) -> SecretStr:
        """Take a secret out of its envelope; raise UnreadableSecret if it was not sealed here for this."""
        try:
            version, key_id, encoded = envelope.split(":")
            raw = base64.b64decode(encoded, validate=True)
            if version != "v1":
                raise UnreadableSecret
            plain = self._ciphers[key_id].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(context))
        except (ValueError, KeyError, binascii.Error, InvalidTag):
            raise UnreadableSecret from None
        return SecretStr(plain.decode())


def _bound_to(context: tuple[str, ...]) -> bytes:
    return json.dumps(context).encode()


def key_ring(configured: SecretStr | None, *, data_dir: Path) -> KeyRing:
    """Return the key ring that was configured, else the one kept in `data_dir`, made on first use with mode 0600."""
    if configured is not None:
        return KeyRing(parse_keys(configured.get_secret_value()))
    path = data_dir / KEY_FILE
    if not path.exists():
        _keep_new_key(path)
    try:
        return KeyRing(parse_keys(path.read_text()))
    except (ValueError, OSError) as error:
        raise UnreadableKeyFile(path, error) from None


def _keep_new_key(path: Path) -> None:
    """Write a whole file or none: a key lost half-way would take every secret with it."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{KEY_FILE}.")  # mode 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key() + "\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)  # fails, unlike a rename, when another process was first
    Path(draft).unlink()
