"""The key ring's text form: `id:base64 of 32 bytes`, comma-separated, newest first."""

import base64
import binascii
import re
import secrets

KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


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
