"""Deliveries of Ayrshare's webhooks: `connectbot:delivery:<hookId>`, for a day, in which each may come again."""

import secrets
from datetime import timedelta

from bot.storage.connection import Store, reaching_redis

KEPT = timedelta(hours=24)


class WebhookDeliveryStore(Store):
    """Tells which events have been taken, across all replicas; they belong to the account and to no workspace."""

    @reaching_redis
    async def taken(self, event: str) -> bool:
        """Tell whether an event has been taken."""
        return bool(await self._redis.exists(_key(event)))

    @reaching_redis
    async def take(self, event: str) -> bool:
        """Take an event, and return whether nobody had."""
        ours = secrets.token_hex(8)
        holder = await self._redis.set(_key(event), ours, nx=True, px=KEPT, get=True)
        return holder in {None, ours}  # ours, where an answer was lost and redis-py asked a second time


def _key(event: str) -> str:
    return f"connectbot:delivery:{event}"
