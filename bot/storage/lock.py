"""Locks: `connectbot:{team}:lock:<name>` holds its owner's token and expires with the lease.

A lock says who does something now; what was done is marked by an idempotency key (idempotency.py).
"""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from redis.asyncio.client import Pipeline

from bot.core.background import begun, issued
from bot.core.budget import without_budget
from bot.core.model import TeamId
from bot.storage.connection import Connection, Store, redis_errors_mapped, span_ms
from bot.storage.errors import StoreUnavailable

LEASE = timedelta(seconds=5)
"""How long a lock outlives a process that died; its owner renews the lease before that."""
OWNER_ENDED = LEASE + timedelta(seconds=1)
"""Whoever has waited so long for a lock knows that its owner lives, or has it."""
RETRY_SECONDS = 0.05
"""Between two attempts to acquire a lock that another owner holds."""

RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to acquire a lock, which a store can make part of a transaction of its own."""

    key: str
    owner: str
    lease: timedelta

    def add_to(self, transaction: Pipeline) -> None:
        """Add the attempt to a transaction; its reply is for `succeeded`."""
        transaction.set(self.key, self.owner, nx=True, px=self.lease, get=True)

    def succeeded(self, holder: Any) -> bool:
        """Return whether the lock is ours: it was free, or an answer was lost and redis-py asked a second time."""
        return holder in {None, self.owner}


class Locks(Store):
    """Lets one owner at a time do something, across all processes."""

    def __init__(self, connection: Connection, *, lease: timedelta = LEASE) -> None:
        super().__init__(connection)
        self._lease = lease
        self._releasing: set[asyncio.Future[None]] = set()
        self._renew_script = self._redis.register_script(RENEW)

    def attempt(self, team: TeamId, name: str) -> Attempt:
        """Return an attempt with a token of its own."""
        return Attempt(_key(team, name), secrets.token_hex(16), self._lease)

    @asynccontextmanager
    async def hold(
        self,
        team: TeamId,
        name: str,
        *,
        longest: timedelta,
        wait: timedelta = timedelta(0),
        ours: Attempt | None = None,
    ) -> AsyncIterator[bool]:
        """Yield whether the lock was acquired within `wait`; release it afterwards, if it is still held by this owner.

        The lease is renewed for as long as `longest`, which must exceed the calls made while the lock is held: then
        another owner may acquire it, as it may soon after this process died. `ours` is an attempt that succeeded.
        Raises StoreUnavailable.
        """
        attempt = ours or replace(self.attempt(team, name), lease=min(self._lease, longest))
        acquired, renewing = True, None  # a cancelled attempt may have stored the token
        try:
            acquired = ours is not None or await self._acquire_within(wait, attempt)
            end = time.monotonic() + longest.total_seconds()
            renewing = self._begin_renewal(end, attempt) if acquired else None
            yield acquired
        finally:
            if renewing and not renewing.cancel() and not renewing.cancelled() and (error := renewing.exception()):
                log.error("lock_renewal_failed", lock=attempt.key, exc_info=error)
            if acquired:
                self._begin_release(attempt)
                await issued()

    def _begin_renewal(self, end: float, attempt: Attempt) -> asyncio.Task[None]:
        return asyncio.create_task(self._renew_until(end, attempt), context=without_budget())

    def _begin_release(self, attempt: Attempt) -> None:
        """Release a lock in one exchange with what its owner asks next; where that fails, the lease ends by itself."""
        releasing = begun(asyncio.create_task(self._release(attempt), context=without_budget()))
        self._releasing.add(releasing)
        releasing.add_done_callback(self._releasing.discard)

    @redis_errors_mapped
    async def is_held(self, team: TeamId, name: str) -> bool:
        """Return whether any owner holds a lock now; raise StoreUnavailable."""
        return bool(await self._redis.exists(_key(team, name)))

    async def _acquire_within(self, wait: timedelta, attempt: Attempt) -> bool:
        end = time.monotonic() + wait.total_seconds()
        if await self._acquire(attempt):
            return True
        await self._bound(attempt)
        while time.monotonic() < end:
            await asyncio.sleep(RETRY_SECONDS)
            if await self._acquire(attempt):
                return True
        return False

    @redis_errors_mapped
    async def _bound(self, attempt: Attempt) -> None:
        """Let another owner's lease last no longer than any may: it does after Redis' clock was set back."""
        await self._redis.pexpire(attempt.key, self._lease, lt=True)

    async def _renew_until(self, end: float, attempt: Attempt) -> None:
        """Renew the lease until a moment of the monotonic clock."""
        pause = self._lease.total_seconds() / 4
        while end - time.monotonic() > pause:
            await asyncio.sleep(pause)
            left = timedelta(seconds=max(0, end - time.monotonic()))
            with suppress(StoreUnavailable):  # there is time for another attempt
                if not await self._renew(attempt, min(self._lease, left)):
                    log.warning("lock_lost", lock=attempt.key)
                    return

    @redis_errors_mapped
    async def _acquire(self, attempt: Attempt) -> bool:
        return attempt.succeeded(await self._redis.set(attempt.key, attempt.owner, nx=True, px=attempt.lease, get=True))

    @redis_errors_mapped
    async def _renew(self, attempt: Attempt, lease: timedelta) -> bool:
        return bool(await self._renew_script(keys=[attempt.key], args=[attempt.owner, span_ms(lease)]))

    @redis_errors_mapped
    async def _release(self, attempt: Attempt) -> None:
        await self._redis.eval(RELEASE, 1, attempt.key, attempt.owner)  # no EVALSHA: that may take three exchanges


def _key(team: TeamId, name: str) -> str:
    return f"connectbot:{{{team}}}:lock:{name}"
