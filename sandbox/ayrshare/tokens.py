"""Tokens of linking pages: the classic JWT, signed by the customer's own key, and the opaque kind."""

import base64
import binascii
import json
import secrets
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key


@lru_cache(maxsize=8)  # to read one takes fifty times as long as to sign with it
def read_key(text: str, *, in_base64: bool) -> RSAPrivateKey | None:
    """Return the RSA key that a request brought, or None where the signer would fail."""
    try:
        pem = base64.b64decode(text, validate=True) if in_base64 else text.encode()
        key = load_pem_private_key(pem, password=None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey) else None


def jwt(claims: dict[str, object], key: RSAPrivateKey | None) -> str:
    """Return an RS256 token; without a usable key its signature is noise."""
    header = {"alg": "RS256", "typ": "JWT"}
    signed = ".".join(_segment(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = key.sign(signed.encode(), PKCS1v15(), SHA256()) if key else secrets.token_bytes(256)
    return f"{signed}.{_segment(signature)}"


def signed_by(token: str, key: RSAPublicKey) -> bool:
    """Tell whether a JWT bears the signature of that key's private half."""
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def claims(*, api_key: str, profile_key: str, domain: str, issued: datetime, expires: datetime) -> dict[str, object]:
    """Return the claims of real tokens; the keys in them are encrypted, so to all others they are noise."""
    return {
        "apiKey": _sealed(api_key),
        "profileKey": _sealed(profile_key),
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        "aud": "https://app.ayrshare.com",
        "iss": domain,
        "sub": "support@ayrshare.com",
    }


def opaque() -> str:
    """Return a token of the newer kind."""
    return f"ayr_ls_{secrets.token_urlsafe(32)}"


def _sealed(secret: str) -> dict[str, str]:
    return {"iv": secrets.token_hex(16), "content": secrets.token_hex(len(secret))}


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
