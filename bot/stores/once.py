"""Claims: `connectbot:{team}:once:<what>`, a key that lives as long as a repetition is to be recognised."""

from datetime import timedelta

from bot.model import TeamId
from bot.stores.connection import Store, reaching_redis


class OnceStore(Store):
    """Tells the first of several equal deliveries from the rest, across all replicas."""

    @reaching_redis
    async def claim(self, team: TeamId, what: str, *, within: timedelta) -> bool:
        """Return True to the first caller within the time, False to the others."""
        return bool(await self._redis.set(_key(team, what), 1, nx=True, px=within))

    @reaching_redis
    async def release(self, team: TeamId, what: str) -> None:
        """Let the next caller be first again."""
        await self._redis.delete(_key(team, what))


def _key(team: TeamId, what: str) -> str:
    return f"connectbot:{{{team}}}:once:{what}"
