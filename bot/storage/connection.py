"""The one connection pool to Redis, the base of all stores, and Redis' errors turned into StoreUnavailable."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import RedisError

from bot.core.metrics import Availability, Metrics
from bot.storage.errors import StoreUnavailable

POOL_SIZE = 50
TIMEOUT = timedelta(seconds=1.5)
"""For one call with its retry; a person waits 3 s at most for an answer."""
RETRY_AFTER = 0.05
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The client for Redis, its address, and whether it works."""

    redis: Redis
    dependency: Availability
    url: SecretStr
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(POOL_SIZE))
    """One per pooled connection: waiting here is our own load and must not count as a timeout of Redis."""

    @property
    def clustered(self) -> bool:
        """Whether the keys of different workspaces may lie on different servers."""
        return isinstance(self.redis, RedisCluster)

    async def answers(self) -> bool:
        """Return whether Redis answers a ping."""
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                answered = bool(await self.redis.ping())
        except (RedisError, OSError):
            return False
        self.dependency.worked()  # who is told that the bot is ready isn't refused for an earlier failure
        return answered


def open_connection(url: SecretStr, metrics: Metrics) -> Connection:
    """Make a client that waits for a free connection; redis-py's own pool raises when it has none."""
    pool = BlockingConnectionPool.from_url(
        url.get_secret_value(),
        max_connections=POOL_SIZE,
        timeout=TIMEOUT.total_seconds(),
        # Each call has its limit from `redis_errors_mapped`. redis-py's own is a `wait_for` around each write, which on
        # Python 3.11 loses a cancellation that comes as the write ends.
        socket_timeout=None,
        socket_connect_timeout=TIMEOUT.total_seconds(),
        # a restarted server has closed our connections, so retry; a slow one is not asked again
        retry=Retry(ConstantBackoff(RETRY_AFTER), 1, supported_errors=(RedisGone,)),
        decode_responses=True,
        client_name="connectbot",
    )
    client = Redis.from_pool(pool)  # closing it closes the pool
    return Connection(client, Availability("redis", metrics), url)


class Store:
    """The base of all stores: one class per key namespace."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._redis = connection.redis


St = TypeVar("St", bound=Store)
P = ParamSpec("P")
T = TypeVar("T")


def redis_errors_mapped(
    call: Callable[Concatenate[St, P], Awaitable[T]],
) -> Callable[Concatenate[St, P], Coroutine[Any, Any, T]]:
    """Make a store's method raise StoreUnavailable in place of redis-py's errors, whose texts may hold an address."""

    @wraps(call)
    async def guarded(self: St, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async with self.connection.slots:
            if self.connection.dependency.just_failed:
                raise StoreUnavailable
            try:
                async with asyncio.timeout(TIMEOUT.total_seconds()):
                    result = await call(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                self.connection.dependency.failed(type(error).__name__)
                raise StoreUnavailable from error
            self.connection.dependency.worked()
            return result

    return guarded


def moment_ms(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def span_ms(span: timedelta) -> int:
    """Return a duration in milliseconds, at least 1, since Redis refuses an expiry of 0."""
    return max(1, round(span / timedelta(milliseconds=1)))
