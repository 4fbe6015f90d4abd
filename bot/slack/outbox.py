"""Direct messages that must not be posted twice: `connectbot:{team}:outbox:<mark>` holds where one stands.

Slack has no idempotent post, so the intent is written first: a moment, in milliseconds, means that the message may have
been posted since.
"""

import json
from datetime import datetime, timedelta

from bot.core.model import TeamId
from bot.slack.model import MessageRef
from bot.storage.connection import Store, moment_ms, moment_of, redis_errors_mapped

KEPT = timedelta(days=8)
"""Longer than a message can be postponed."""


class OutboxStore(Store):
    """Stores which direct messages are intended, and where they stand once posted."""

    @redis_errors_mapped
    async def begin(self, team: TeamId, mark: str, *, at: datetime) -> MessageRef | datetime | None:
        """Record the intent to post; return where the message stands, or when an earlier post of it was begun."""
        known = await self._redis.set(_key(team, mark), moment_ms(at), nx=True, get=True, px=KEPT)
        if known is None:
            return None
        return MessageRef(**json.loads(str(known))) if "{" in str(known) else _moment(str(known))

    @redis_errors_mapped
    async def find(self, team: TeamId, mark: str) -> MessageRef | None:
        """Return where the message stands, if it was posted and that is still known."""
        known = await self._redis.get(_key(team, mark))
        return MessageRef(**json.loads(str(known))) if known and "{" in str(known) else None

    @redis_errors_mapped
    async def begin_again(self, team: TeamId, mark: str, *, at: datetime) -> None:
        """Record that a message is posted again."""
        await self._redis.set(_key(team, mark), moment_ms(at), px=KEPT)

    @redis_errors_mapped
    async def posted(self, team: TeamId, mark: str, posted: MessageRef) -> None:
        """Record where a message stands."""
        await self._redis.set(_key(team, mark), json.dumps({"channel": posted.channel, "ts": posted.ts}), px=KEPT)

    @redis_errors_mapped
    async def drop(self, team: TeamId, mark: str) -> None:
        """Remove the intent: Slack surely did not accept the message."""
        await self._redis.delete(_key(team, mark))


def _moment(stored: str) -> datetime:
    return moment_of(stored or 0)


def _key(team: TeamId, mark: str) -> str:
    return f"connectbot:{{{team}}}:outbox:{mark}"
