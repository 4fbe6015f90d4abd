"""How often a profile may be used: 300 calls in five minutes; a thousand rejected calls in a day suspend it.

https://www.ayrshare.com/docs/errors/errors-http
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.assumptions import RATE_MAX, RATE_REFUSALS, RATE_WINDOW


@dataclass(slots=True)
class RateWindow:
    """The number of calls of one profile since `started`, and the times of its rejected calls."""

    started: datetime
    count: int = 0
    rejected: list[datetime] = field(default_factory=list)


class ProfileRateLimits:
    """Counts the calls of each profile; `suspended` is called with one that is suspended for too many."""

    def __init__(self, now: Callable[[], datetime], suspended: Callable[[Profile], None] = lambda _: None) -> None:
        self._now = now
        self._suspended = suspended
        self._windows: dict[str, RateWindow] = {}

    def count(self, profile: Profile) -> bool:
        """Count one more call and return whether it is allowed."""
        window, now = self._window(profile), self._now()
        window.count += 1
        if window.count <= RATE_MAX:
            return True
        window.rejected = [at for at in window.rejected if at > now - timedelta(days=1)] + [now]
        if not profile.suspended and len(window.rejected) >= RATE_REFUSALS:
            profile.suspended = True
            self._suspended(profile)
        return False

    def headers(self, profile: Profile) -> dict[str, str]:
        """Return the rate limit headers, old and new; `reset` is in milliseconds from now."""
        window = self._window(profile)
        left = window.started + RATE_WINDOW - self._now()
        return {
            "x-ratelimit-max": str(RATE_MAX),
            "x-ratelimit-count": str(window.count),
            "x-ratelimit-remaining": str(max(0, RATE_MAX - window.count)),
            "x-ratelimit-reset": str(max(0, int(left.total_seconds() * 1_000))),
        }

    def _window(self, profile: Profile) -> RateWindow:
        now = self._now()
        window = self._windows.setdefault(profile.ref_id, RateWindow(now))
        if now >= window.started + RATE_WINDOW:
            window.started, window.count = now, 0
        return window
