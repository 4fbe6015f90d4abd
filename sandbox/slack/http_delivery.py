"""Delivery by signed HTTP requests, one URL for commands, interactions and events."""

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
from sandbox.slack.delivery import Again, Answer, Kind
from sandbox.slack.signature import signature

FORM = "application/x-www-form-urlencoded"
TOO_OLD = 360  # seconds; apps refuse what is more than five minutes off
REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}
SLACKBOT = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)", "Accept": "application/json,*/*"}


class App(Protocol):
    """Where the app listens and what it expects."""

    bot_url: str
    signing_secret: str
    ack_deadline: float
    faults: Faults
    deliveries: CallLog


class HttpDelivery:
    """Posts to `{bot_url}/slack/events` over one shared session."""

    def __init__(self, app: App) -> None:
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
        """Return the open session."""
        if self._session is None:
            raise RuntimeError("the local Slack is not running")
        return self._session

    async def deliver(self, kind: Kind, payload: Json, *, again: Again | None = None) -> Answer:
        """Send a payload and wait for its acknowledgement, at most `ack_deadline` seconds."""
        content_type, body = encoded(kind, payload)
        signed = {**SLACKBOT, "Content-Type": content_type, **self._signature(body), **repeated(again)}
        answer = await self._post(kind, body, signed)
        if kind is not Kind.EVENT and self._app.faults.take("replay"):
            await self._post(kind, body, signed)
        return answer

    def _signature(self, body: bytes) -> dict[str, str]:
        age = TOO_OLD if self._app.faults.take("old_timestamp") else 0
        secret = "not the secret" if self._app.faults.take("bad_signature") else self._app.signing_secret
        timestamp = str(int(time.time()) - age)
        signed = signature(secret, timestamp=timestamp, body=body)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signed}

    async def _post(self, kind: Kind, body: bytes, headers: Mapping[str, str]) -> Answer:
        row = self._app.deliveries.record(kind)
        started = time.monotonic()
        answer = await self._answer(body, headers, started)
        row |= {"status": answer.status, "failure": answer.failure, "ms": answer.ms}
        return answer

    async def _answer(self, body: bytes, headers: Mapping[str, str], started: float) -> Answer:
        limit = aiohttp.ClientTimeout(total=self._app.ack_deadline)
        url = f"{self._app.bot_url}/slack/events"
        try:
            async with self.session.post(
                url, data=body, headers=headers, timeout=limit, allow_redirects=False
            ) as response:
                return Answer(
                    failure=failure(response.status),
                    ms=_since(started),
                    status=response.status,
                    content_type=response.content_type,
                    body=await response.text(errors="replace"),
                    no_retry=response.headers.get("X-Slack-No-Retry") == "1",
                )
        except TimeoutError:
            return Answer("operation_timeout", _since(started))
        except (aiohttp.ClientError, OSError, ValueError):
            return Answer("dispatch_failed", _since(started))


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def failure(status: int) -> str:
    """Return the word a person reads for a status, empty for a good one."""
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return ""
    return "http_client_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "http_service_error"


def repeated(again: Again | None) -> dict[str, str]:
    """Return the headers that tell which attempt this is."""
    if again is None:
        return {}
    reason = REASONS.get(again.failure, "http_error")
    return {"X-Slack-Retry-Num": str(again.number), "X-Slack-Retry-Reason": reason}


def encoded(kind: Kind, payload: Json) -> tuple[str, bytes]:
    """Return the content type and body: forms for commands and interactions, JSON for events."""
    if kind is Kind.COMMAND:
        return FORM, urlencode(payload).encode()
    if kind is Kind.INTERACTION:
        return FORM, urlencode({"payload": json.dumps(payload)}).encode()
    return "application/json", json.dumps(payload).encode()
