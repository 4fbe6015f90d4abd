"""The one connection pool to Redis, the base of all stores, and Redis' errors turned into StoreUnavailable."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
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
from bot.storage.batching import TIMEOUT, BatchingRedis
from bot.storage.errors import StoreUnavailable

POOL_SIZE = 50
READY = "connectbot:ready"
RETRY_AFTER = 0.05
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Connection:
    """The client for Redis, its address, and whether it works."""

    redis: Redis
    dependency: Availability
    url: SecretStr

    @property
    def clustered(self) -> bool:
        """Whether the keys of different workspaces may lie on different servers."""
        return isinstance(self.redis, RedisCluster)

    async def answers(self) -> bool:
        """Return whether Redis takes a write."""
        try:
            answered = bool(await self.redis.set(READY, 1, px=1000))
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
        # Each exchange has its limit from `BatchingRedis`. redis-py's own is a `wait_for` around each write, which on
        # Python 3.11 loses a cancellation that comes as the write ends.
        socket_timeout=None,
        socket_connect_timeout=TIMEOUT.total_seconds(),
        # a restarted server has closed our connections, so retry; a slow one is not asked again
        retry=Retry(ConstantBackoff(RETRY_AFTER), 1, supported_errors=(RedisGone,)),
        decode_responses=True,
        client_name="connectbot",
    )
    client = BatchingRedis.from_pool(pool)  # closing it closes the pool
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
        if self.connection.dependency.just_failed:
            raise StoreUnavailable
        try:
            result = await call(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            self.connection.dependency.failed(type(error).__name__)
            raise StoreUnavailable from error
        if not self.connection.dependency.up:
            await self.connection.answers()  # a server that is full or read-only still answers reads
        return result

    return guarded


def moment_ms(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def span_ms(span: timedelta) -> int:
    """Return a duration in milliseconds, at least 1, since Redis refuses an expiry of 0."""
    return max(1, round(span / timedelta(milliseconds=1)))
