"""Claims: `connectbot:{team}:once:<what>`, a key that lives as long as a repetition is to be recognised."""

import secrets
from datetime import timedelta

from bot.core.model import TeamId
from bot.storage.connection import Store, reaching_redis


class IdempotencyKeys(Store):
    """Tells the first of several equal deliveries from the rest, across all replicas."""

    @reaching_redis
    async def claim(self, team: TeamId, what: str, *, within: timedelta) -> bool:
        """Return True to the first caller within the time, False to the others."""
        ours = secrets.token_hex(8)
        holder = await self._redis.set(_key(team, what), ours, nx=True, px=within, get=True)
        return holder in {None, ours}  # ours, where an answer was lost and redis-py asked a second time

    @reaching_redis
    async def release(self, team: TeamId, what: str) -> None:
        """Let the next caller be first again."""
        await self._redis.delete(_key(team, what))


def _key(team: TeamId, what: str) -> str:
    return f"connectbot:{{{team}}}:once:{what}"
