"""Reading the private key that generateJWT takes, however people, shells and platforms hand it over."""

import base64
import binascii
import re
import unicodedata
from textwrap import wrap
from urllib.parse import unquote, unquote_plus

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.core.text_file import NotText, decode

PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
LINE = re.compile(r"[-\u2010-\u2015\u2212]{1,9} *(BEGIN|END) ([A-Z0-9 ]+?) *[-\u2010-\u2015\u2212]{1,9}", re.IGNORECASE)
"""A BEGIN or END line, also with the dashes that word processors make of hyphens."""
NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")
LAYERS = 3
"""How often a value may be encoded on its way."""
PUTTY = "PuTTY-User-Key-File"
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

    Repairs quotes, byte order marks, UTF-16, line ends, escaped newlines, what mails and word processors add, URL
    encoding, and base64 around the whole, padded or not, URL-safe or not.
    """
    label, body = _parts(LINE.sub(_line, _plain(_decoded(raw))))
    pem = "\n".join((f"-----BEGIN {label}-----", *wrap(body, 64), f"-----END {label}-----", ""))
    _check(pem)
    return pem


def _plain(text: str) -> str:
    """Return the text without the encodings around it."""
    for _ in range(LAYERS):
        text = _unwrapped(_without_url_encoding(text))
        if LINE.search(text):
            break
        text = _without_base64(text)
    return text


def _line(found: re.Match[str]) -> str:
    return f"-----{found[1]} {found[2]}-----".upper()


def _decoded(raw: str | bytes) -> str:
    try:
        text = raw if isinstance(raw, str) else decode(raw)
    except NotText:
        text = "\0"
    if "\0" in text:
        raise ValueError("it is not text; the key has to be a PEM file, with a BEGIN and an END line")
    return text


def _without_url_encoding(text: str) -> str:
    for _ in range(LAYERS if "%" in text else 0):
        blanks_are_plus = "BEGIN+" in text or "%2B" in text.upper()  # a plus of its own is encoded then
        text = unquote_plus(text) if blanks_are_plus else unquote(text)
    return text


def _unwrapped(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)  # blanks that don't break, and letters of full width
    return ESCAPES.sub("\n", text.strip(WRAPPING)).strip(WRAPPING)


def _without_base64(text: str) -> str:
    if not text:
        raise ValueError("it is empty")
    try:
        unpadded = "".join(text.split()).rstrip("=").translate(URL_SAFE)
        decoded = base64.b64decode(unpadded + "=" * (-len(unpadded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(_no_key(text)) from None
    try:
        return _decoded(decoded)
    except ValueError:
        raise ValueError(_no_key(text)) from None


def _no_key(text: str) -> str:
    if text.startswith(PUTTY):
        return "it is PuTTY's own form of a key; Ayrshare's begins with BEGIN RSA PRIVATE KEY"
    if len(text) > 200:  # noqa: PLR2004 - too long for a file's name
        return "its BEGIN and END lines are missing; copy the whole of private.key"
    if "/" in text or text.endswith((".key", ".pem")):
        return "it is the name of a file, not a key; give a name as AYRSHARE_PRIVATE_KEY_FILE"
    return "it is not a key; copy the whole of private.key (and give the domain as AYRSHARE_DOMAIN)"


def _parts(text: str) -> tuple[str, str]:
    blocks = list(PEM.finditer(text))
    found = next((one for one in blocks if one[1] not in WRONG_KINDS), next(iter(blocks), None))
    if found is None and "-----BEGIN" in text:
        raise ValueError("its END line is missing, so it was cut off; copy the whole of private.key")
    if found is None:
        raise ValueError("its BEGIN line is missing; copy the whole of private.key")
    label, body = found.groups()
    if label in WRONG_KINDS:
        raise ValueError(WRONG_KINDS[label])
    if "ENCRYPTED" in body:
        raise ValueError(WRONG_KINDS["ENCRYPTED PRIVATE KEY"])
    return label, NOT_BASE64.sub("", body)


def _check(pem: str) -> None:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("it can't be read: a part is missing or changed; copy the whole of private.key") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("it is a private key of another kind; Ayrshare's is an RSA key")
