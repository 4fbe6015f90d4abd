"""Creations: `connectbot:{team}:creation:<digest of the title>`, a list of attempts as JSON, kept for a week.

An attempt is written down before Ayrshare is asked. It stays where the answer was lost, or the bot with it: then there
may be a profile whose key nobody has.
"""

import hashlib
from datetime import timedelta

from pydantic import TypeAdapter

from bot.core.model import TeamId
from bot.mappings.model import CreationAttempt
from bot.storage.connection import Store, reaching_redis

KEPT = timedelta(days=7)

_ATTEMPT = TypeAdapter(CreationAttempt)


class CreationAttemptStore(Store):
    """Keeps attempts to create a profile until it is known what became of them."""

    @reaching_redis
    async def begin(self, team: TeamId, title: str, attempt: CreationAttempt) -> tuple[CreationAttempt, ...]:
        """Write down an attempt before it is made, and return those before it of which nothing is known."""
        key = _key(team, title)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.rpush(key, _ATTEMPT.dump_json(attempt))
            pipe.pexpire(key, KEPT)
            pipe.lrange(key, 0, -1)
            *_, kept = await pipe.execute()
        # twice the same, where an answer was lost and redis-py asked a second time
        return tuple(one for one in map(_ATTEMPT.validate_json, kept) if one != attempt)

    @reaching_redis
    async def of(self, team: TeamId, title: str) -> tuple[CreationAttempt, ...]:
        """Return the attempts of which nothing is known, the first one first."""
        return tuple(map(_ATTEMPT.validate_json, await self._redis.lrange(_key(team, title), 0, -1)))

    @reaching_redis
    async def drop(self, team: TeamId, title: str, attempt: CreationAttempt) -> None:
        """Forget an attempt that is known to have made nothing."""
        await self._redis.lrem(_key(team, title), 0, _ATTEMPT.dump_json(attempt).decode())

    @reaching_redis
    async def forget(self, team: TeamId, title: str) -> None:
        """Forget all attempts: what they made is known, or gone."""
        await self._redis.delete(_key(team, title))


def _key(team: TeamId, title: str) -> str:
    return f"connectbot:{{{team}}}:creation:{hashlib.sha256(title.encode()).hexdigest()[:32]}"
