"""Secrets at rest: AES-256-GCM envelopes with a key id, bound to the place they belong to.

An envelope reads `v1:<key id>:<base64 of nonce and ciphertext>`. Its associated data is the context it was sealed for
(such as team, profile and purpose), so that a record moved elsewhere fails to open.
"""

import base64
import binascii
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
    """Seals with the newest key, opens with whichever key an envelope names.

    A ring kept in a file follows it: before each seal, so that no secret is sealed with a key that is being retired or
    that stands in no file, and on meeting an unknown key. Where nothing has changed, that is one `stat` of the file.
    """

    def __init__(self, keys: dict[str, bytes], *, file: KeyFile | None = None) -> None:
        self._file = file
        self._hold(keys)

    @property
    def ids(self) -> tuple[str, ...]:
        """The keys' ids as of now, newest first; raise UnreadableKeyFile."""
        self._follow()
        return tuple(self._ciphers)

    def seal(self, secret: SecretStr, *context: str) -> str:
        """Put a secret into an envelope that opens only in the same context; raise UnreadableKeyFile."""
        newest = self.ids[0]
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[newest].encrypt(nonce, secret.get_secret_value().encode(), _bound_to(context))
        return f"v1:{newest}:{base64.b64encode(nonce + sealed).decode()}"

    def open(self, envelope: str, *context: str) -> SecretStr:
        """Take a secret out of its envelope; raise UnreadableSecret if it was not sealed here for this."""
        try:
            version, key_id, encoded = envelope.split(":")
            raw = base64.b64decode(encoded, validate=True)
            if version != "v1":
                raise UnreadableSecret
            plain = self._cipher(key_id).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(context))
        except (ValueError, KeyError, binascii.Error, InvalidTag):
            raise UnreadableSecret from None
        return SecretStr(plain.decode())

    def _cipher(self, key_id: str) -> AESGCM:
        if key_id not in self._ciphers:
            with suppress(UnreadableKeyFile):  # said whenever something is to be sealed
                self._follow()
        return self._ciphers[key_id]

    def _follow(self) -> None:
        if self._file and (keys := self._file.fresh()):
            self._hold(keys)

    def _hold(self, keys: dict[str, bytes]) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}


def _bound_to(context: tuple[str, ...]) -> bytes:
    return json.dumps(context).encode()


def key_ring(configured: SecretStr | None, *, data_dir: Path) -> KeyRing:
    """Return the key ring that was configured, else the one kept in `data_dir`, made on first use.

    Raises UnreadableKeyFile, KeyFileNotWritten.
    """
    if configured is not None:
        return KeyRing(parse_keys(configured.get_secret_value()))
    file = KeyFile(data_dir / KEY_FILE)
    file.ensure()
    return KeyRing(file.fresh() or {}, file=file)
