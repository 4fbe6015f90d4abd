"""How often a profile may be used: 300 calls in five minutes; a thousand refusals in a day suspend it.

https://www.ayrshare.com/docs/errors/errors-http
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.assumptions import RATE_MAX, RATE_REFUSALS, RATE_WINDOW


@dataclass(slots=True)
class Window:
    """The calls of one profile since `began`, and the moments at which it was refused."""

    began: datetime
    count: int = 0
    refused: list[datetime] = field(default_factory=list)


class Rates:
    """Counts the calls of each profile."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._windows: dict[str, Window] = {}

    def count(self, profile: Profile) -> bool:
        """Count one more call and tell whether it is allowed."""
        window, now = self._window(profile), self._now()
        window.count += 1
        if window.count <= RATE_MAX:
            return True
        window.refused = [at for at in window.refused if at > now - timedelta(days=1)] + [now]
        profile.suspended = profile.suspended or len(window.refused) >= RATE_REFUSALS
        return False

    def headers(self, profile: Profile) -> dict[str, str]:
        """Return the newer and the older headers; `reset` is in milliseconds from now."""
        window = self._window(profile)
        left = window.began + RATE_WINDOW - self._now()
        return {
            "x-ratelimit-max": str(RATE_MAX),
            "x-ratelimit-count": str(window.count),
            "x-ratelimit-remaining": str(max(0, RATE_MAX - window.count)),
            "x-ratelimit-reset": str(max(0, int(left.total_seconds() * 1_000))),
        }

    def _window(self, profile: Profile) -> Window:
        now = self._now()
        window = self._windows.setdefault(profile.ref_id, Window(now))
        if now >= window.began + RATE_WINDOW:
            window.began, window.count = now, 0
        return window
