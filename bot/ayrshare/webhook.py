"""Ayrshare's webhooks: is the signature right, what does the event say, was the delivery handled already.

https://www.ayrshare.com/docs/apis/webhooks/overview

Deliveries: `connectbot:delivery:<hookId>`, for a day, in which Ayrshare may deliver an event again.
"""

import hmac
import re
import secrets
from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from bot.ayrshare.replies import AyrshareReply, Lenient, Moment
from bot.core.clock import read_seconds
from bot.core.text import read_json
from bot.storage.connection import Store, redis_errors_mapped

DELIVERY_LIFE = timedelta(hours=24)
WEBHOOK_PATH = "/ayrshare/webhook"
"""The route of the webhook, after PUBLIC_URL."""
SOCIAL = "social"
"""The action of the events about accounts."""
SUSPENDED, ACCOUNT_ACTIVITY = "suspended", "accountActivity"
"""The action of the events about suspended profiles; its name depends on the revision of Ayrshare's documentation."""
TIMESTAMP = "X-Authorization-Timestamp"
SIGNATURES = ("X-Authorization-Content-SHA256", "X-Authorization-Content-SHA256-V2")
"""For a day after the secret was changed there are two, one by each secret."""
HEX_LENGTH = 64
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


class WebhookEvent(AyrshareReply):
    """An event about a profile or one of its accounts; every field may be missing."""

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
    status: Lenient[Name] = None

    @property
    def suspends(self) -> bool:
        """Whether it says that the profile was suspended."""
        activity = self.action == ACCOUNT_ACTIVITY and SUSPENDED in {self.type, self.status}
        return self.action == SUSPENDED or activity


class AyrshareSignature:
    """Checks deliveries with the webhook's secret.

    The signature does not cover the timestamp, so that proves nothing: a replay is recognised by its `hookId` and by
    `created`. Whether it changes when a delivery is sent again, which goes on for hours, is undocumented, and so is
    whether a signature is hex or base64: all of that is accepted.
    """

    sender = "Ayrshare"
    max_age = DELIVERY_LIFE

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret.get_secret_value().encode()

    def sent_at(self, headers: Mapping[str, str]) -> int | None:
        """Return the time in the headers, in seconds since 1970; None if they can't be a signed delivery's."""
        plausible = any(map(SIGNATURE.fullmatch, _sent(headers)))
        return read_seconds(headers.get(TIMESTAMP, "")) if plausible else None

    def fits(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether the body was signed with the secret."""
        digest = hmac.digest(self._secret, raw, "sha256")
        sent = [_decoded(signature) for signature in _sent(headers) if SIGNATURE.fullmatch(signature)]
        return any(hmac.compare_digest(digest, one) for one in sent)


def _sent(headers: Mapping[str, str]) -> list[str]:
    return [headers[name].strip() for name in SIGNATURES if name in headers]


def _decoded(signature: str) -> bytes:
    return bytes.fromhex(signature) if len(signature) == HEX_LENGTH else b64decode(signature)


def read_event(raw: bytes) -> WebhookEvent | None:
    """Return the event, or None if the body is not a JSON object; without a `hookId` the body's hash becomes its id."""
    try:
        body = read_json(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    event = WebhookEvent.model_validate(body)
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
