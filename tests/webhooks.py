"""Ayrshare's webhook as something signs and sends it, the local Ayrshare or anybody else."""

import hmac
import io
import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp

from sandbox.server import Sandbox
from tests.clock import ManualClock

SECRET = "canary-webhook-secret"
SIGNATURE, TIMESTAMP = "X-Authorization-Content-SHA256", "X-Authorization-Timestamp"


def signed_with(secret: str, raw: bytes, *, written: str = "hex") -> str:
    digest = hmac.digest(secret.encode(), raw, "sha256")
    forms = {"hex": digest.hex(), "HEX": digest.hex().upper(), "base64": b64encode(digest).decode()}
    return forms[written]


@dataclass
class WebhookSender:
    """Sends events to the webhook, signed with the secret unless told otherwise."""

    session: aiohttp.ClientSession
    sandbox: Sandbox
    clock: ManualClock
    count: int = field(default=0)

    def event(self, platform: str = "tiktok", *, profile: str = "Acme: Jane", **fields: Any) -> dict[str, Any]:
        self.count += 1
        known = {one.title: one.ref_id for one in self.sandbox.ayrshare.profiles}
        told = {"action": "social", "type": "link", "platform": platform, "refId": known.get(profile, "0" * 40)}
        return told | {"hookId": f"hook-{self.count}", "title": profile} | fields

    async def sends_event(self, **fields: Any) -> int:
        """Send an event as Ayrshare would, and return the status of the answer."""
        return await self.sends(json.dumps(self.event(**fields)).encode())

    async def sends(self, raw: bytes, headers: dict[str, str] | None = None, *, late: timedelta = timedelta(0)) -> int:
        """Send any bytes, by default with the right signature in hex."""
        stamp = {TIMESTAMP: str(int((self.clock.now() - late).timestamp())), SIGNATURE: signed_with(SECRET, raw)}
        sent = {name: value for name, value in (stamp | (headers or {})).items() if value}
        url = f"{self.sandbox.bot_url}/ayrshare/webhook"
        async with self.session.post(url, data=io.BytesIO(raw), headers=sent) as answer:
            return answer.status
