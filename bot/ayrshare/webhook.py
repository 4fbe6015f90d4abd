"""What Ayrshare sends by webhook: whether it is from Ayrshare, and what it says.

https://www.ayrshare.com/docs/apis/webhooks/overview
"""

import hmac
import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from bot.ayrshare.replies import Lenient, Moment, Reply
from bot.storage.connection import Store, reaching_redis

DELIVERY_LIFE = timedelta(hours=24)


class WebhookDeliveryStore(Store):
    """Tells which events have been taken, across all replicas; they belong to the account and to no workspace."""

    @reaching_redis
    async def is_claimed(self, event: str) -> bool:
        """Tell whether an event has been taken."""
        return bool(await self._redis.exists(_key(event)))

    @reaching_redis
    async def claim(self, event: str) -> bool:
        """Take an event, and return whether nobody had."""
        ours = secrets.token_hex(8)
        holder = await self._redis.set(_key(event), ours, nx=True, px=DELIVERY_LIFE, get=True)
        return holder in {None, ours}  # ours, where an answer was lost and redis-py asked a second time


def _key(event: str) -> str:
    return f"connectbot:delivery:{event}"


WEBHOOK_PATH = "/ayrshare/webhook"
"""Where the bot hears it, after PUBLIC_URL."""
SOCIAL = "social"
"""The kind of event that tells what was linked."""
TIMESTAMP = "X-Authorization-Timestamp"
SIGNATURES = ("X-Authorization-Content-SHA256", "X-Authorization-Content-SHA256-V2")
"""For a day after the secret was changed there are two: with either secret one of them is right."""
TIMESTAMP_TOLERANCE = timedelta(minutes=5)

SYSTEM, USER = "system", "user"
"""Who unlinked a network: Ayrshare, because the network no longer accepts the link, or somebody who wanted to."""
TEXT_FIELDS = ("message", "details", "reason", "error", "description")
"""Where the words may stand if details are an object; which shape they have is not documented."""

Name = Annotated[str, Field(max_length=200)]


def _words(value: object) -> str | None:
    told = next((value[name] for name in TEXT_FIELDS if name in value), None) if isinstance(value, dict) else value
    return told if isinstance(told, str) else None


Text = Annotated[str | None, BeforeValidator(_words)]


class SocialEvent(Reply):
    """That something happened to a profile's network; nothing in it is certain to be there."""

    action: Lenient[Name] = None
    type: Lenient[Name] = None
    platform: Lenient[Name] = None
    ref_id: Lenient[Name] = None
    hook_id: Lenient[Name] = None
    created: Lenient[Moment] = None
    source: Lenient[Name] = None
    details: Text = None
    refresh_by: Lenient[Moment] = None
    display_name: Lenient[Name] = None


def is_signed(raw: bytes, headers: Mapping[str, str], secret: SecretStr, *, now: datetime) -> bool:
    """Tell whether a body was signed with the secret, and sent within five minutes of `now`.

    The timestamp is not part of what is signed: what is known already has to be told by its `hookId` as well. In which
    of two ways a signature is written is documented nowhere, so both are taken.
    """
    digest = hmac.digest(secret.get_secret_value().encode(), raw, "sha256")
    right = (digest.hex().encode(), b64encode(digest))
    sent = [headers[name].strip().encode("utf-8", "surrogateescape") for name in SIGNATURES if name in headers]
    matches = [hmac.compare_digest(one, other) for one in sent for other in right]
    return any(matches) and _is_recent(headers.get(TIMESTAMP, ""), now)


def _is_recent(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= len("1234567890") + 1):
        return False
    return abs(now.timestamp() - int(timestamp)) <= TIMESTAMP_TOLERANCE.total_seconds()


def read_event(raw: bytes) -> SocialEvent | None:
    """Return what a body says, or None if it is no JSON object; an event without a name goes by its bytes."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    event = SocialEvent.model_validate(body)
    return event if event.hook_id else event.model_copy(update={"hook_id": sha256(raw).hexdigest()})
