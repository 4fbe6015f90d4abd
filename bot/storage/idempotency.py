"""Idempotency keys: `connectbot:{team}:once:<what>` marks what was done, for as long as it must not be repeated.

Who does something now is a matter of locks (lock.py).
"""

import secrets
from datetime import timedelta

from bot.core.model import TeamId
from bot.storage.connection import Store, redis_errors_mapped


class IdempotencyKeys(Store):
    """Tells the first of several equal requests from the rest, across all processes."""

    @redis_errors_mapped
    async def claim(self, team: TeamId, what: str, *, within: timedelta) -> bool:
        """Mark something as done; return True to the first caller within the time, False to the others."""
        ours = secrets.token_hex(8)
        holder = await self._redis.set(_key(team, what), ours, nx=True, px=within, get=True)
        if holder in {None, ours}:  # ours, where an answer was lost and redis-py asked a second time
            return True
        await self._redis.pexpire(_key(team, what), within, lt=True)  # it lasts longer after Redis' clock was set back
        return False

    @redis_errors_mapped
    async def is_claimed(self, team: TeamId, what: str) -> bool:
        """Return whether something is marked as done."""
        return bool(await self._redis.exists(_key(team, what)))

    @redis_errors_mapped
    async def release(self, team: TeamId, what: str) -> None:
        """Remove the mark from what failed, so that it may be repeated."""
        await self._redis.delete(_key(team, what))


def _key(team: TeamId, what: str) -> str:
    return f"connectbot:{{{team}}}:once:{what}"
