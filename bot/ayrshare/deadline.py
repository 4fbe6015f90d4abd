"""From which moment a link is dead."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta

from bot.ayrshare.replies import LinkReply


def link_deadline(reply: LinkReply, *, asked_at: datetime, minutes: float) -> datetime:
    """Return what the reply says, else what its token says, else the end of the minutes since the request began."""
    if reply.expires_at is not None:
        return reply.expires_at
    told = token_deadline(reply.token.get_secret_value()) if reply.token else None
    return told or asked_at + timedelta(minutes=minutes)


def token_deadline(token: str) -> datetime | None:
    """Return the `exp` of a JWT, unverified; None for any other token, such as the opaque `ayr_ls_` kind."""
    parts = token.split(".")
    exp = _claims(parts[1]).get("exp") if len(parts) == 3 else None  # noqa: PLR2004 - header, payload, signature
    if isinstance(exp, bool) or not isinstance(exp, int | float):
        return None
    try:
        return datetime.fromtimestamp(exp, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _claims(segment: str) -> dict[str, object]:
    try:
        claims = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
