"""Sends events to webhooks: signed, to one URL only, with retries until the receiver accepts.

https://www.ayrshare.com/docs/apis/webhooks/overview
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from sandbox.ayrshare import assumptions
from sandbox.ayrshare.account import AyrshareAccount, Profile
from sandbox.ayrshare.social_accounts import SocialAccount, iso
from sandbox.ayrshare.webhook_settings import WebhookSettings
from sandbox.calls import CallLog

POLL_SECONDS = 0.02
"""The pause between two reads of the clock, which a test may advance."""
TIMED_OUT = 503
"""The status that stands for a response that didn't come in time."""


class WebhookDelivery:
    """Delivers events in the background; it needs a running event loop only when there is one to send."""

    def __init__(self, account: AyrshareAccount, now: Callable[[], datetime]) -> None:
        self._account = account
        self._now = now
        self._deliveries: set[asyncio.Task[None]] = set()
        self.sent = CallLog(now)
        self._session: aiohttp.ClientSession | None = None

    @property
    def pending(self) -> int:
        """The number of deliveries that are neither accepted nor given up."""
        return len(self._deliveries)

    def announce(self, profile: Profile, account: SocialAccount, change: str, **more: Any) -> None:
        """Send a `social` event to the profile's own webhook, otherwise to the Primary's, never to both.

        `change` is `link`, `unlink` or `refresh`: https://www.ayrshare.com/docs/apis/webhooks/actions
        """
        self._send_event("social", profile, type=change, platform=account.platform, displayName=account.name, **more)

    def announce_suspension(self, profile: Profile) -> None:
        """Send a `suspended` event in the same way."""
        self._send_event("suspended", profile)

    def announce_batch(self, at: datetime, **file: str) -> None:
        """Send a `batch` event to the Primary's webhook once the file can be read."""
        self._send_event("batch", self._account.primary, at=at, status="success", batch=file)

    def _send_event(self, action: str, profile: Profile, at: datetime | None = None, **fields: Any) -> None:
        """Send an event now, or at a later moment, unless nothing is registered for it."""
        moment = at or self._now()
        owner = profile if action in profile.webhooks.urls else self._account.primary
        url = owner.webhooks.urls.get(action)
        if url is None:
            return
        subject = {"refId": profile.ref_id, "title": profile.title}
        metadata = {"hookId": secrets.token_hex(12), "code": 200, "created": iso(moment), "url": url}
        event = {"action": action, **subject, **fields, **metadata}
        task = asyncio.get_running_loop().create_task(
            self._deliver(owner.webhooks, url, json.dumps(event).encode(), moment)
        )
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def close(self) -> None:
        """Cancel the pending deliveries."""
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _deliver(self, webhooks: WebhookSettings, url: str, body: bytes, moment: datetime) -> None:
        delivery_id = secrets.token_hex(16)
        sent_at = moment
        for attempt, pause in enumerate((timedelta(0), *assumptions.HOOK_RETRIES), start=1):
            await self._wait_until(sent_at + pause)
            sent_at = self._now()
            headers = {"X-Ayrshare-Delivery-Id": delivery_id, "X-Ayrshare-Delivery-Attempt": str(attempt)}
            row = self.sent.record(f"webhook {json.loads(body)['action']}", attempt=attempt)
            self.sent.keep(row, sent=body)
            row["status"] = status = await self._send(url, body, headers | webhooks.signature_headers(body, at=sent_at))
            if status not in assumptions.HOOK_RETRIED and status < 500:  # noqa: PLR2004 - HTTP's own number
                return

    async def _wait_until(self, due: datetime) -> None:
        while self._now() < due:  # noqa: ASYNC110 - a clock that a test advances sets no event
            await asyncio.sleep(POLL_SECONDS)

    async def _send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self._session = self._session or aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=assumptions.HOOK_TIMEOUT.total_seconds())
        sent = {"Content-Type": "application/json", **headers}
        try:
            async with self._session.post(url, data=body, headers=sent, timeout=timeout, allow_redirects=False) as r:
                return r.status
        except (aiohttp.ClientError, TimeoutError):
            return TIMED_OUT
