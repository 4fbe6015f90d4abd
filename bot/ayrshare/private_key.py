"""Reading the private key that generateJWT takes, however people, shells and platforms hand it over."""

import base64
import binascii
import re
from textwrap import wrap
from urllib.parse import unquote, unquote_plus

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.core.text_file import NotText, decode

PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
ESCAPES = re.compile(r"\\+[nrt]?")
WRAPPING = " \t\r\n\ufeff\"'`"
"""What editors, shells and .env files leave around a value."""
URL_SAFE = str.maketrans("-_", "+/")
WRONG_KINDS = {
    "PUBLIC KEY": "it is a public key; the private one is needed, private.key of the integration package",
    "RSA PUBLIC KEY": "it is a public key; the private one is needed, private.key of the integration package",
    "CERTIFICATE": "it is a certificate; the private key is needed, private.key of the integration package",
    "ENCRYPTED PRIVATE KEY": "it is protected by a passphrase; give it without one",
    "EC PRIVATE KEY": "it is an elliptic-curve key; Ayrshare's is an RSA key",
    "OPENSSH PRIVATE KEY": "it is an SSH key; Ayrshare's begins with BEGIN RSA PRIVATE KEY",
}


def read_private_key(raw: str | bytes) -> str:
    """Return a clean PEM of an RSA private key; raise ValueError, whose text says what is wrong with the value.

    Repairs quotes, byte order marks, UTF-16, line ends, escaped newlines, URL encoding, and one layer of base64 around
    the whole, padded or not, URL-safe or not.
    """
    text = _unwrapped(_without_url_encoding(_decoded(raw)))
    if "-----" not in text:
        text = _unwrapped(_without_base64(text))
    label, body = _parts(text)
    pem = "\n".join((f"-----BEGIN {label}-----", *wrap(body, 64), f"-----END {label}-----", ""))
    _check(pem)
    return pem


def _decoded(raw: str | bytes) -> str:
    try:
        text = raw if isinstance(raw, str) else decode(raw)
    except NotText:
        text = "\0"
    if "\0" in text:
        raise ValueError("it is not text; the key has to be a PEM file, with a BEGIN and an END line")
    return text


def _without_url_encoding(text: str) -> str:
    if "%" not in text:
        return text
    return unquote_plus(text) if "BEGIN+" in text else unquote(text)


def _unwrapped(text: str) -> str:
    return ESCAPES.sub("\n", text.strip(WRAPPING)).strip(WRAPPING)


def _without_base64(text: str) -> str:
    if not text:
        raise ValueError("it is empty")
    try:
        unpadded = "".join(text.split()).rstrip("=").translate(URL_SAFE)
        decoded = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(_no_key(text)) from None
    if b"-----" not in decoded.replace(b"\0", b""):
        raise ValueError(_no_key(text))
    return _decoded(decoded)


def _no_key(text: str) -> str:
    if len(text) > 200:  # noqa: PLR2004 - too long for a file's name
        return "its BEGIN and END lines are missing; copy the whole of private.key"
    if "/" in text or text.endswith((".key", ".pem")):
        return "it is the name of a file, not a key; give a name as AYRSHARE_PRIVATE_KEY_FILE"
    return "it is not a key; copy the whole of private.key (and give the domain as AYRSHARE_DOMAIN)"


def _parts(text: str) -> tuple[str, str]:
    found = PEM.search(text)
    if found is None and "-----BEGIN" in text:
        raise ValueError("its END line is missing, so it was cut off; copy the whole of private.key")
    if found is None:
        raise ValueError("its BEGIN line is missing; copy the whole of private.key")
    label, body = found.groups()
    if label in WRONG_KINDS:
        raise ValueError(WRONG_KINDS[label])
    if "ENCRYPTED" in body:
        raise ValueError(WRONG_KINDS["ENCRYPTED PRIVATE KEY"])
    return label, "".join(body.split())


def _check(pem: str) -> None:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("it can't be read: a part is missing or changed; copy the whole of private.key") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("it is a private key of another kind; Ayrshare's is an RSA key")
