"""Sends one event, signed as Standard Webhooks says (https://www.standardwebhooks.com).

The address is the operator's own setting. It is never changed by an answer: redirects aren't followed, and of an answer
only the status is read.
"""

import asyncio
import base64
import hashlib
import hmac

import aiohttp
from pydantic import SecretStr

from bot.core.clock import Clock
from bot.core.proxy import cause_of
from bot.events.model import SENT_AT_ONCE, TIMEOUT, EventNotTaken

PREFIX = "whsec_"
USER_AGENT = "connectbot"


class EventClient:
    """Posts events to one address."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: SecretStr, clock: Clock) -> None:
        self._session, self._url, self._clock = session, url, clock
        self._key, self._places = signing_key(secret), asyncio.Semaphore(SENT_AT_ONCE)

    @property
    def full(self) -> bool:
        """Whether as many requests are under way as may be."""
        return self._places.locked()

    async def send(self, event_id: str, body: bytes) -> int:
        """Send an event and return the status; raise EventNotTaken where there was no answer."""
        moment = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": event_id,
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,{signature(self._key, event_id, moment, body)}",
        }
        timeout = aiohttp.ClientTimeout(total=TIMEOUT.total_seconds())
        try:
            async with (
                self._places,
                self._session.post(
                    self._url, data=body, headers=headers, allow_redirects=False, timeout=timeout
                ) as answer,
            ):
                return answer.status
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
            raise EventNotTaken(f"The receiver of events can't be reached: {cause_of(error)}.") from None


def signing_key(secret: SecretStr) -> bytes:
    """Return the key of a secret: base64 behind `whsec_`, else its own letters."""
    text = secret.get_secret_value()
    return base64.b64decode(text.removeprefix(PREFIX)) if text.startswith(PREFIX) else text.encode()


def signature(key: bytes, event_id: str, moment: str, body: bytes) -> str:
    """Return the signature of a request: HMAC-SHA256 over id, time and body, in base64."""
    signed = b".".join((event_id.encode(), moment.encode(), body))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
