"""Locks: `connectbot:{team}:lock:<name>` holds its owner's token and expires with the lease.

A lock says who does something now; what was done is marked by an idempotency key (idempotency.py).
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, reaching_redis
from bot.storage.errors import StoreUnavailable

RETRY_SECONDS = 0.05
"""Between two attempts to acquire a lock that another owner holds."""

RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Locks(Store):
    """Lets one owner at a time do something, across all processes."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._compare_and_delete = self._redis.register_script(RELEASE)

    @asynccontextmanager
    async def hold(
        self, team: TeamId, name: str, *, lease: timedelta, wait: timedelta = timedelta(0)
    ) -> AsyncIterator[bool]:
        """Yield whether the lock was acquired within `wait`; release it afterwards, if it is still held by this owner.

        The lease must be longer than the calls made while the lock is held: once it has expired, another owner may
        acquire the lock. Raises StoreUnavailable.
        """
        owner, deadline = secrets.token_hex(16), time.monotonic() + wait.total_seconds()
        acquired = await self._acquire(team, name, owner, lease)
        while not acquired and time.monotonic() < deadline:
            await asyncio.sleep(RETRY_SECONDS)
            acquired = await self._acquire(team, name, owner, lease)
        try:
            yield acquired
        finally:
            if acquired:
                with suppress(StoreUnavailable):  # the lease ends by itself
                    await self._release(team, name, owner)

    @reaching_redis
    async def _acquire(self, team: TeamId, name: str, owner: str, lease: timedelta) -> bool:
        holder = await self._redis.set(_key(team, name), owner, nx=True, px=lease, get=True)
        return holder in {None, owner}  # ours, where an answer was lost and redis-py asked a second time

    @reaching_redis
    async def _release(self, team: TeamId, name: str, owner: str) -> None:
        await self._compare_and_delete(keys=[_key(team, name)], args=[owner])


def _key(team: TeamId, name: str) -> str:
    return f"connectbot:{{{team}}}:lock:{name}"
