"""How Slack signs what it sends: https://docs.slack.dev/authentication/verifying-requests-from-slack."""

import hashlib
import hmac


def signature(secret: str, *, timestamp: str, body: bytes) -> str:
    """Return the value of `X-Slack-Signature` for a raw body; the timestamp is in seconds since 1970."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
