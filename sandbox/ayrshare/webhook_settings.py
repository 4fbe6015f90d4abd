"""The webhooks of one profile: an address for each action, and one secret for all of them."""

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
SIGNATURE = "X-Authorization-Content-SHA256"


@dataclass(slots=True)
class Hooks:
    """What is registered; after a change of the secret both sign for a day."""

    urls: dict[str, str] = field(default_factory=dict)
    updated: datetime | None = None
    secret: str | None = None
    former: str | None = None
    changed: datetime | None = None

    def change_secret(self, secret: str, *, at: datetime) -> None:
        """Sign with this secret from now on."""
        if secret != self.secret:
            self.secret, self.former, self.changed = secret, self.secret, at

    def signatures(self, body: bytes, *, at: datetime) -> dict[str, str]:
        """Return the headers of a delivery at that moment: none without a secret."""
        if self.secret is None:
            return {}
        stamp = {"X-Authorization-Timestamp": str(int(at.timestamp()))}
        if self.former and self.changed and at < self.changed + HOOK_OVERLAP:
            return stamp | {
                SIGNATURE: signed(body, self.former),
                f"{SIGNATURE}-V2": signed(body, self.secret),
            }
        return stamp | {SIGNATURE: signed(body, self.secret)}


def signed(body: bytes, secret: str) -> str:
    """Return the HMAC-SHA256 of a body, in hex."""
    return hmac.digest(secret.encode(), body, "sha256").hex()
