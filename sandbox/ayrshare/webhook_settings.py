"""The webhooks of one profile: a URL for each action, and one secret that signs all deliveries."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.ayrshare.assumptions import HOOK_OVERLAP

ACTIONS = frozenset(
    [
        "social",
        "scheduled",
        "batch",
        "feed",
        "messages",
        "mentions",
        "comments",
        "automations",
        "accountActivity",
        "suspended",
    ]
)
SIGNATURE_HEADER = "X-Authorization-Content-SHA256"


@dataclass(slots=True)
class WebhookSettings:
    """What is registered; after a change of the secret both secrets sign for a day."""

    urls: dict[str, str] = field(default_factory=dict)
    updated: datetime | None = None
    secret: str | None = None
    previous_secret: str | None = None
    secret_changed: datetime | None = None

    def change_secret(self, secret: str, *, at: datetime) -> None:
        """Replace the secret; the same secret again changes nothing."""
        if secret != self.secret:
            self.secret, self.previous_secret, self.secret_changed = secret, self.secret, at

    def signature_headers(self, body: bytes, *, at: datetime) -> dict[str, str]:
        """Return the signature headers of a delivery at that time; without a secret there are none."""
        if self.secret is None:
            return {}
        timestamp = {"X-Authorization-Timestamp": str(int(at.timestamp()))}
        if self.previous_secret and self.secret_changed and at < self.secret_changed + HOOK_OVERLAP:
            return timestamp | {
                SIGNATURE_HEADER: signature(body, self.previous_secret),
                f"{SIGNATURE_HEADER}-V2": signature(body, self.secret),
            }
        return timestamp | {SIGNATURE_HEADER: signature(body, self.secret)}


def signature(body: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of a body, in hex."""
    return hmac.digest(secret.encode(), body, "sha256").hex()
