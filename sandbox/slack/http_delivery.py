"""Delivery by signed HTTP requests, to one URL for commands, interactions and events."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlencode

import aiohttp

from sandbox.calls import CallLog
from sandbox.faults import Faults
from sandbox.slack.api_types import Json
from sandbox.slack.delivery import Acknowledgement, DeliveryKind, RetryAttempt

FORM = "application/x-www-form-urlencoded"
OLD_SECONDS = 360
"""The age of an old timestamp: apps reject requests that are more than five minutes old."""
RETRY_REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}
SLACKBOT_HEADERS = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", "Accept": "application/json,*/*"}


class HttpApp(Protocol):
    """What the HTTP transport knows of the app: where it listens and how long an acknowledgement may take."""

    bot_url: str
    signing_secret: str
    ack_deadline: float
    faults: Faults
    deliveries: CallLog


class HttpDelivery:
    """Posts to `{bot_url}/slack/events` over one shared session."""

    def __init__(self, app: HttpApp) -> None:
        self._app = app
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the session."""
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session; raises RuntimeError if there is none."""
        if self._session is None:
            raise RuntimeError("the local Slack is not running")
        return self._session

    async def deliver(self, kind: DeliveryKind, payload: Json, *, retry: RetryAttempt | None = None) -> Acknowledgement:
        """Send a payload and wait for its acknowledgement, at most `ack_deadline` seconds."""
        content_type, body = encode(kind, payload)
        headers = {**SLACKBOT_HEADERS, "Content-Type": content_type, **self._sign(body), **retry_headers(retry)}
        acknowledgement = await self._post(kind, payload, body, headers)
        if kind is not DeliveryKind.EVENT and self._app.faults.take("replay"):
            await self._post(kind, payload, body, headers)
        return acknowledgement

    def _sign(self, body: bytes) -> dict[str, str]:
        age = OLD_SECONDS if self._app.faults.take("old_timestamp") else 0
        secret = "not the secret" if self._app.faults.take("bad_signature") else self._app.signing_secret
        timestamp = str(int(time.time()) - age)
        signed = signature(secret, timestamp=timestamp, body=body)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signed}

    async def _post(
        self, kind: DeliveryKind, payload: Json, body: bytes, headers: Mapping[str, str]
    ) -> Acknowledgement:
        row = self._app.deliveries.record(kind)
        self._app.deliveries.keep(row, sent=payload)
        acknowledgement = await self._send(body, headers)
        self._app.deliveries.keep(row, answer=acknowledgement.body)
        row |= {
            "status": acknowledgement.status,
            "failure": acknowledgement.failure,
            "ms": acknowledgement.ms,
        }
        return acknowledgement

    async def _send(self, body: bytes, headers: Mapping[str, str]) -> Acknowledgement:
        started = time.monotonic()
        timeout = aiohttp.ClientTimeout(total=self._app.ack_deadline)
        url = f"{self._app.bot_url}/slack/events"
        try:
            async with self.session.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return Acknowledgement(
                    failure=failure(response.status),
                    ms=_ms_since(started),
                    status=response.status,
                    content_type=response.content_type,
                    body=await response.text(errors="replace"),
                    no_retry=response.headers.get("X-Slack-No-Retry") == "1",
                )
        except TimeoutError:
            return Acknowledgement("operation_timeout", _ms_since(started))
        except (aiohttp.ClientError, OSError, ValueError):
            return Acknowledgement("dispatch_failed", _ms_since(started))


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def signature(secret: str, *, timestamp: str, body: bytes) -> str:
    """Return the value of `X-Slack-Signature` for a raw body; the timestamp is in seconds since 1970.

    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def failure(status: int) -> str:
    """Return the error that a person sees for an HTTP status, empty for success."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    return "http_client_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "http_service_error"


def retry_headers(retry: RetryAttempt | None) -> dict[str, str]:
    """Return the headers of a retry."""
    if retry is None:
        return {}
    reason = RETRY_REASONS.get(retry.failure, "http_error")
    return {"X-Slack-Retry-Num": str(retry.number), "X-Slack-Retry-Reason": reason}


def encode(kind: DeliveryKind, payload: Json) -> tuple[str, bytes]:
    """Return the content type and body: forms for commands and interactions, JSON for events."""
    if kind is DeliveryKind.COMMAND:
        return FORM, urlencode(payload).encode()
    if kind is DeliveryKind.INTERACTION:
        return FORM, urlencode({"payload": json.dumps(payload)}).encode()
    return "application/json", json.dumps(payload).encode()
