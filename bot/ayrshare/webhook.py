"""Ayrshare's webhooks: is the signature right, what does the event say, was the delivery handled already.

https://www.ayrshare.com/docs/apis/webhooks/overview

Deliveries: `connectbot:delivery:<hookId>`, for a day, in which Ayrshare may deliver an event again.
"""

import hmac
import json
import re
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from bot.ayrshare.replies import AyrshareReply, Lenient, Moment
from bot.core.clock import read_seconds
from bot.storage.connection import Store, redis_errors_mapped

DELIVERY_LIFE = timedelta(hours=24)
WEBHOOK_PATH = "/ayrshare/webhook"
"""The route of the webhook, after PUBLIC_URL."""
SOCIAL = "social"
"""The type of the events about accounts."""
TIMESTAMP = "X-Authorization-Timestamp"
SIGNATURES = ("X-Authorization-Content-SHA256", "X-Authorization-Content-SHA256-V2")
"""For a day after the secret was changed there are two, one by each secret."""
SIGNATURE = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Za-z+/]{43}=", re.ASCII)

SYSTEM, USER = "system", "user"
"""The `source` of a disconnected account: Ayrshare, because the network refused it, or a person who wanted it."""
TEXT_FIELDS = ("message", "details", "reason", "error", "description")
"""Where `details` may have its text if it is an object; its shape is undocumented."""

Name = Annotated[str, Field(max_length=200)]


def _text(value: object) -> str | None:
    text = next((value[name] for name in TEXT_FIELDS if name in value), None) if isinstance(value, dict) else value
    return text if isinstance(text, str) else None


Text = Annotated[str | None, BeforeValidator(_text)]


class SocialEvent(AyrshareReply):
    """An event about an account of a profile; every field may be missing."""

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


class AyrshareSignature:
    """Checks deliveries with the webhook's secret.

    The signature does not cover the timestamp, so a replay has to be recognised by its `hookId` too. Whether a
    signature is hex or base64 is undocumented, so both are accepted.
    """

    sender = "Ayrshare"

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret.get_secret_value().encode()

    def sent_at(self, headers: Mapping[str, str]) -> int | None:
        """Return the time in the headers, in seconds since 1970; None if they can't be a signed delivery's."""
        plausible = any(map(SIGNATURE.fullmatch, _sent(headers)))
        return read_seconds(headers.get(TIMESTAMP, "")) if plausible else None

    def fits(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether the body was signed with the secret."""
        digest = hmac.digest(self._secret, raw, "sha256")
        valid = (digest.hex().encode(), b64encode(digest))
        sent = [signature.encode("utf-8", "surrogateescape") for signature in _sent(headers)]
        return any(hmac.compare_digest(one, other) for one in sent for other in valid)


def _sent(headers: Mapping[str, str]) -> list[str]:
    return [headers[name].strip() for name in SIGNATURES if name in headers]


def read_event(raw: bytes) -> SocialEvent | None:
    """Return the event, or None if the body is not a JSON object; without a `hookId` the body's hash becomes its id."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    event = SocialEvent.model_validate(body)
    return event if event.hook_id else event.model_copy(update={"hook_id": sha256(raw).hexdigest()})


class WebhookDeliveryStore(Store):
    """Remembers which events were handled, for all replicas; an event belongs to the account, not to a workspace."""

    @redis_errors_mapped
    async def is_claimed(self, event: str) -> bool:
        """Return whether an event was claimed."""
        return bool(await self._redis.exists(_key(event)))

    @redis_errors_mapped
    async def claim(self, event: str) -> bool:
        """Claim an event; return False if it was claimed already."""
        ours = secrets.token_hex(8)
        holder = await self._redis.set(_key(event), ours, nx=True, px=DELIVERY_LIFE, get=True)
        return holder in {None, ours}  # ours, if a reply was lost and redis-py sent the command again


def _key(event: str) -> str:
    return f"connectbot:delivery:{event}"
