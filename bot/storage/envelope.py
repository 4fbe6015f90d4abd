"""How a secret is encrypted at rest: an AES-256-GCM envelope with a key id, bound to the record it belongs to.

An envelope reads `v1:<key id>:<base64 of nonce and ciphertext>`. Its associated data is its context (such as team,
profile and purpose), so that an envelope moved to another record fails to open.
"""

import base64
import binascii
import hmac
import json
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

from bot.storage.encryption_keys import KeyFile, parse_keys
from bot.storage.errors import UnreadableKeyFile, UnreadableSecret

KEY_FILE = "encryption.keys"
NONCE_BYTES = 12


class KeyRing:
    """Seals with the newest key; opens with the key that an envelope names.

    Keys from a file are reread when it changes: before each seal, so that a retired key isn't used, and when an
    envelope names an unknown key. That costs one `stat` while the file is unchanged.
    """

    def __init__(self, keys: dict[str, bytes], *, file: KeyFile | None = None) -> None:
        self._file = file
        self._set_keys(keys)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the current keys, newest first; raise UnreadableKeyFile."""
        self._reread()
        return tuple(self._ciphers)

    def seal(self, secret: SecretStr, *context: str) -> str:
        """Encrypt a secret into an envelope that opens only with the same context; raise UnreadableKeyFile."""
        newest = self.ids[0]
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[newest].encrypt(nonce, secret.get_secret_value().encode(), _associated_data(context))
        return f"v1:{newest}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, envelope: str, *context: str) -> SecretStr:
        """Decrypt an envelope; raise UnreadableSecret if no key opens it with this context."""
        try:
            version, key_id, encoded = envelope.split(":")
            raw = base64.b64decode(encoded, validate=True)
            if version != "v1":
                raise UnreadableSecret
            plain = self._cipher(key_id).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _associated_data(context))
        except (ValueError, KeyError, binascii.Error, InvalidTag):
            raise UnreadableSecret from None
        return SecretStr(plain.decode())

    def fingerprint(self, text: str, *context: str) -> str:
        """Return 8 letters that tell texts apart, which nobody can try out without the newest key."""
        self._reread()
        return hmac.digest(self._newest, _associated_data(("fingerprint", *context, text)), "sha256").hex()[:8]

    def _cipher(self, key_id: str) -> AESGCM:
        if key_id not in self._ciphers:
            with suppress(UnreadableKeyFile):  # the next seal reports it
                self._reread()
        return self._ciphers[key_id]

    def _reread(self) -> None:
        if self._file and (keys := self._file.fresh()):
            self._set_keys(keys)

    def _set_keys(self, keys: dict[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._newest = next(iter(keys.values()), b"")


def _associated_data(context: tuple[str, ...]) -> bytes:
    return json.dumps(context).encode()


def key_ring(configured: SecretStr | None, *, data_dir: Path) -> KeyRing:
    """Return the configured key ring, or else the one in `data_dir`, which the first use generates.

    Raises UnreadableKeyFile, KeyFileNotWritten.
    """
    if configured is not None:
        return KeyRing(parse_keys(configured.get_secret_value()))
    file = KeyFile(data_dir / KEY_FILE)
    file.ensure()
    return KeyRing(file.fresh() or {}, file=file)
