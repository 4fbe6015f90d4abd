"""Rate limits per method, in sliding windows of the sandbox's clock.

https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.slack.api_types import Refusal

MINUTE = timedelta(minutes=1)
TIER_2, TIER_3, TIER_4 = 20, 50, 100


class Pace:
    """Counts calls; `enabled` switches all limits."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._taken: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self.enabled = True

    def take(self, what: str, *, limit: int, window: timedelta = MINUTE) -> None:
        """Count one call; raises Refusal with the whole seconds to wait when there were too many."""
        now, taken = self._now(), self._taken[what]
        while taken and now - taken[0] >= window:
            taken.popleft()
        if self.enabled and len(taken) >= limit:
            wait = (taken[0] + window - now).total_seconds()
            raise Refusal("ratelimited", retry_after=max(1, math.ceil(wait)))
        taken.append(now)
