"""Direct messages that must not be posted twice: `connectbot:{team}:outbox:<mark>`, where it stands, for eight days.

Slack has no idempotent post. So what is meant is written down first; empty means that nobody knows whether it was done.
"""

import json
from datetime import timedelta

from bot.core.model import TeamId
from bot.slack.model import MessageRef
from bot.storage.connection import Store, reaching_redis

KEPT = timedelta(days=8)
"""Longer than anybody can have a message put off."""


class OutboxStore(Store):
    """Keeps which direct messages were meant to be posted, and where they stand."""

    @reaching_redis
    async def begin(self, team: TeamId, mark: str) -> MessageRef | bool:
        """Write down that a message is to be posted; return where it stands if known, else whether it is new."""
        known = await self._redis.set(_key(team, mark), "", nx=True, get=True, px=KEPT)
        return MessageRef(**json.loads(str(known))) if known else known is None

    @reaching_redis
    async def posted(self, team: TeamId, mark: str, posted: MessageRef) -> None:
        """Keep where a message stands."""
        await self._redis.set(_key(team, mark), json.dumps({"channel": posted.channel, "ts": posted.ts}), px=KEPT)

    @reaching_redis
    async def drop(self, team: TeamId, mark: str) -> None:
        """Forget a message that Slack surely did not take."""
        await self._redis.delete(_key(team, mark))


def _key(team: TeamId, mark: str) -> str:
    return f"connectbot:{{{team}}}:outbox:{mark}"
