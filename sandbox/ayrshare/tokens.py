"""The tokens of links: a JWT signed with the customer's own key, and the newer opaque format."""

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


@lru_cache(maxsize=8)  # reading a key takes fifty times as long as signing with it
def read_key(text: str, *, in_base64: bool) -> RSAPrivateKey | None:
    """Return the RSA key of a request, or None if nothing can be signed with it."""
    try:
        pem = base64.b64decode(text, validate=True) if in_base64 else text.encode()
        key = load_pem_private_key(pem, password=None)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey) else None


def jwt(claims: dict[str, object], key: RSAPrivateKey | None) -> str:
    """Return an RS256 token; without a key its signature is random."""
    header = {"alg": "RS256", "typ": "JWT"}
    signed = ".".join(_segment(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = key.sign(signed.encode(), PKCS1v15(), SHA256()) if key else secrets.token_bytes(256)
    return f"{signed}.{_segment(signature)}"


def is_signed_by(token: str, key: RSAPublicKey) -> bool:
    """Return whether a JWT was signed with the private half of that key."""
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(base64.urlsafe_b64decode(signature + "=="), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def claims(*, api_key: str, profile_key: str, domain: str, issued: datetime, expires: datetime) -> dict[str, object]:
    """Return the claims of real tokens; the keys in them are encrypted, so here they are random."""
    return {
        "apiKey": _encrypted(api_key),
        "profileKey": _encrypted(profile_key),
        "iat": int(issued.timestamp()),
        "exp": int(expires.timestamp()),
        "aud": "https://app.ayrshare.com",
        "iss": domain,
        "sub": "support@ayrshare.com",
    }


def opaque_token() -> str:
    """Return a token of the newer format."""
    return f"ayr_ls_{secrets.token_urlsafe(32)}"


def _encrypted(secret: str) -> dict[str, str]:
    return {"iv": secrets.token_hex(16), "content": secrets.token_hex(len(secret))}


def _segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
