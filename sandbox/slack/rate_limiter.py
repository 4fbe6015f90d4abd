"""Rate limits of methods, in sliding windows of the sandbox's clock.

https://docs.slack.dev/apis/web-api/rate-limits
"""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.slack.api_types import ErrorResponse

MINUTE = timedelta(minutes=1)
TIER_2, TIER_3, TIER_4 = 20, 50, 100


class MethodRateLimiter:
    """Counts calls; without `enabled` no call is rejected. `share` is how much of each limit is taken."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self.enabled = True
        self.share = 1.0

    def count(self, key: str, *, limit: int, window: timedelta = MINUTE) -> None:
        """Count one call; raises ErrorResponse with `retry_after` if there were `limit` calls in the window."""
        now, calls = self._now(), self._calls[key]
        while calls and now - calls[0] >= window:
            calls.popleft()
        if self.enabled and len(calls) >= max(1, limit * self.share):
            wait = (calls[0] + window - now).total_seconds()
            raise ErrorResponse("ratelimited", retry_after=max(1, math.ceil(wait)))
        calls.append(now)
