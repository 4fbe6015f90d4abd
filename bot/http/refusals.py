"""Requests and connections that are refused: all are counted, and what an operator can mend is logged once an hour."""

import time
from datetime import timedelta

import structlog

from bot.core.metrics import Metrics

REMIND_EVERY = timedelta(hours=1)
HINTS = {
    "too_old": "The signature is right, but the time is off: compare this machine's clock with a time server's.",
    "wrong_signature": "The secret is not the sender's, or a stranger sent it: compare it with the sender's settings.",
    "key_refused": "An app's API key is unknown, revoked or expired: compare it with `connectbot api-keys list`.",
    "too_many": "More connections are open than the bot serves; the oldest unsigned ones were closed.",
}
"""Reasons that an operator can do something about, and what."""

log = structlog.get_logger()


class Refusals:
    """Counts refusals by reason, and warns of each reason in HINTS at most once an hour."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._warned: dict[tuple[str, str], float] = {}

    def count(self, reason: str, *, sender: str = "unknown", age_seconds: int | None = None) -> None:
        """Count a refusal; `sender` is who should have signed, `age_seconds` how old the request says it is."""
        self._metrics.http_refused.labels(sender, reason).inc()
        now = time.monotonic()
        due = self._warned.get((sender, reason), -REMIND_EVERY.total_seconds()) + REMIND_EVERY.total_seconds() <= now
        if reason in HINTS and due:
            self._warned[sender, reason] = now
            log.warning("requests_refused", sender=sender, reason=reason, age_seconds=age_seconds, hint=HINTS[reason])
