"""Direct messages that must not be posted twice: `connectbot:{team}:outbox:<mark>` holds where one stands.

Slack has no idempotent post, so the intent is written first: an empty value means that the message may be posted.
"""

import json
from datetime import timedelta

from bot.core.model import TeamId
from bot.slack.model import MessageRef
from bot.storage.connection import Store, redis_errors_mapped

KEPT = timedelta(days=8)
"""Longer than a message can be postponed."""


class OutboxStore(Store):
    """Stores which direct messages are intended, and where they stand once posted."""

    @redis_errors_mapped
    async def begin(self, team: TeamId, mark: str) -> MessageRef | bool:
        """Record the intent to post; return where the message stands if known, else whether the intent is new."""
        known = await self._redis.set(_key(team, mark), "", nx=True, get=True, px=KEPT)
        return MessageRef(**json.loads(str(known))) if known else known is None

    @redis_errors_mapped
    async def posted(self, team: TeamId, mark: str, posted: MessageRef) -> None:
        """Record where a message stands."""
        await self._redis.set(_key(team, mark), json.dumps({"channel": posted.channel, "ts": posted.ts}), px=KEPT)

    @redis_errors_mapped
    async def drop(self, team: TeamId, mark: str) -> None:
        """Remove the intent: Slack surely did not accept the message."""
        await self._redis.delete(_key(team, mark))


def _key(team: TeamId, mark: str) -> str:
    return f"connectbot:{{{team}}}:outbox:{mark}"
