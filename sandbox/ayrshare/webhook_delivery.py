"""Sending events to webhooks: signed, to one hook only, again and again until it is taken.

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
from sandbox.ayrshare.account import Account, Profile
from sandbox.ayrshare.social_accounts import LinkedNetwork, iso
from sandbox.ayrshare.webhook_settings import Hooks

LOOK_AGAIN = 0.02
"""Seconds between two looks at the clock, which a test may move."""


class Deliveries:
    """Events on their way; needs a running loop only once there is one to send."""

    def __init__(self, account: Account, now: Callable[[], datetime]) -> None:
        self._account = account
        self._now = now
        self._under_way: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def announce(self, profile: Profile, account: LinkedNetwork, change: str, **more: Any) -> None:
        """Send a `social` event to the profile's own hook, else to the Primary's, never to both.

        https://www.ayrshare.com/docs/apis/webhooks/actions
        """
        owner = profile if "social" in profile.hooks.urls else self._account.primary
        url = owner.hooks.urls.get("social")
        if url is None:
            return
        named = {"platform": account.platform, "refId": profile.ref_id, "title": profile.title}
        named["displayName"] = account.name
        stamps = {"hookId": secrets.token_hex(12), "code": 200, "created": iso(self._now()), "url": url}
        event = {"action": "social", "type": change, **named, **more, **stamps}
        task = asyncio.get_running_loop().create_task(self._deliver(owner.hooks, url, json.dumps(event).encode()))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """Give up what is still under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _deliver(self, hooks: Hooks, url: str, body: bytes) -> None:
        delivery = secrets.token_hex(16)
        sent_at = self._now()
        for attempt, pause in enumerate((timedelta(0), *assumptions.HOOK_RETRIES), start=1):
            await self._until(sent_at + pause)
            sent_at = self._now()
            headers = {"X-Ayrshare-Delivery-Id": delivery, "X-Ayrshare-Delivery-Attempt": str(attempt)}
            status = await self._send(url, body, headers | hooks.signatures(body, at=sent_at))
            if status not in assumptions.HOOK_RETRIED and status < 500:  # noqa: PLR2004
                return

    async def _until(self, due: datetime) -> None:
        while self._now() < due:  # noqa: ASYNC110 - the moving hands of a clock set no event
            await asyncio.sleep(LOOK_AGAIN)

    async def _send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self._session = self._session or aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=assumptions.HOOK_TIMEOUT.total_seconds())
        sent = {"Content-Type": "application/json", **headers}
        try:
            async with self._session.post(url, data=body, headers=sent, timeout=timeout, allow_redirects=False) as r:
                return r.status
        except (aiohttp.ClientError, TimeoutError):
            return 503  # how a late answer is recorded
