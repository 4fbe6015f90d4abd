"""How a modal was redrawn last: `connectbot:{team}:redrawn:<view>` holds the moment of the choice and Slack's hash."""

from datetime import timedelta

from bot.core.model import TeamId
from bot.slack.model import ViewId
from bot.storage.connection import Store, redis_errors_mapped

KEPT_FOR = timedelta(minutes=10)
"""More than two choices whose redrawings meet are apart."""


class ModalVersionStore(Store):
    """Tells a modal's version that we drew after a choice from one that Slack shows since a submit."""

    @redis_errors_mapped
    async def get(self, team: TeamId, view: ViewId) -> tuple[float, str]:
        """Return the moment of the choice that was drawn last, and the version; zero and nothing if there is none."""
        at, _, version = str(await self._redis.get(_key(team, view)) or "0 ").partition(" ")
        return float(at), version

    @redis_errors_mapped
    async def save(self, team: TeamId, view: ViewId, *, at: float, version: str) -> None:
        """Note which choice was drawn, and as which version."""
        await self._redis.set(_key(team, view), f"{at} {version}", px=KEPT_FOR)


def _key(team: TeamId, view: ViewId) -> str:
    return f"connectbot:{{{team}}}:redrawn:{view}"
