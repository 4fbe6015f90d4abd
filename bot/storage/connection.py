"""The one client for Redis, the base of all stores, and Redis' errors turned into StoreUnavailable."""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial, wraps
from pathlib import Path
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar

import structlog
from prometheus_client import Counter
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from bot.core.budget import BudgetSpent
from bot.core.metrics import Availability, Metrics
from bot.core.model import TeamId
from bot.storage.client import FAILURES, as_redis, cause_of, concerns_one_record, open_client
from bot.storage.cluster import Cluster
from bot.storage.damage import UNREADABLE, Damage, Shape
from bot.storage.embedded.process import NO_SPACE, is_full
from bot.storage.errors import RecordDamaged, StoreTooSlow, StoreUnavailable
from bot.storage.transaction import RUN, Transaction

WRITE_CHECK = "connectbot:ready"
# Writes each type of value and publishes: a user may have the right to some of it. SET goes first, since a server whose
# memory is full lets a script go on that has written.
WRITE = """
local values = {{'HSET', 'a', ''}, {'RPUSH', ''}, {'SADD', ''}, {'XADD', '*', 'a', ''}, {'ZADD', 1, ''}}
redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
for _, value in ipairs(values) do
  redis.call('DEL', KEYS[1])
  redis.call(value[1], KEYS[1], unpack(value, 2))
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
redis.call('PUBLISH', KEYS[1], '')
"""
WRITE_CHECK_LIFE = timedelta(minutes=1)
TEAM = re.compile(r"[TE]\w*|all")
"""What a workspace's ID looks like, or what stands for all, and no secret."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Connection:
    """The client for Redis, its address, and whether it works. `cluster` is the same client where it is a Cluster's.

    `data_dir` is where an embedded server keeps its files.
    """

    redis: Redis
    dependency: Availability
    url: SecretStr
    ca_file: Path | None
    cluster: Cluster | None
    set_aside: Counter
    data_dir: Path | None = None

    @property
    def clustered(self) -> bool:
        """Whether the keys of different workspaces may lie on different servers."""
        return self.cluster is not None

    def transaction(self) -> Transaction:
        """Return a transaction, whose keys must be in one slot."""
        return Transaction(self._run, self.redis.response_callbacks)

    @cached_property
    def damage(self) -> Damage:
        """What looks for damaged keys."""
        return Damage(
            self.redis, self.set_aside, lambda: (one for store in Store.__subclasses__() for one in store.shapes)
        )

    @cached_property
    def _run(self) -> AsyncScript:
        return self.redis.register_script(RUN)

    async def trouble(self) -> str | None:
        """Return what is wrong if Redis, or a primary of a Cluster, takes no writes."""
        try:
            for key in [WRITE_CHECK] if self.cluster is None else await self.cluster.key_per_primary(WRITE_CHECK):
                await self.redis.eval(WRITE, 1, key, str(span_ms(WRITE_CHECK_LIFE)))
        except FAILURES as error:
            self.failed(error)
            return f"Redis takes no writes: {self.cause_of(error)}."
        self.dependency.worked()  # who is told that the bot is ready isn't refused for an earlier failure
        return None

    def failed(self, error: Exception) -> None:
        """Record that a call failed."""
        self.forget_topology()
        self.dependency.failed(self.cause_of(error))

    async def mend(self, error: Exception, team: TeamId, call: str, *, since: float, again: bool) -> None:
        """Set aside the damage that a call has met, unless it meets some `again`; else raise what stands for it."""
        if isinstance(error, FAILURES) and not concerns_one_record(error):
            self.failed(error)
            raise StoreUnavailable from error
        try:
            found = await self.damage.met(team, since=since)
        except FAILURES as failure:
            self.failed(failure)
            raise StoreUnavailable from failure
        if not again and not all(one.shape.irreplaceable for one in found):
            return
        if not found and not isinstance(error, (*FAILURES, ValueError)):
            raise error
        log.error("record_damaged", call=call, cause=cause_of(error))
        raise RecordDamaged from error

    def cause_of(self, error: Exception) -> str:
        """Name a failure, as `cause_of` does, or what stopped the embedded server: it can't be reached then."""
        return NO_SPACE if self.data_dir and is_full(self.data_dir) else cause_of(error)

    def forget_topology(self) -> None:
        """Have a Cluster's client ask for the map of slots before the next call."""
        if self.cluster:
            self.cluster.forget_topology()

    @asynccontextmanager
    async def without_limit(self) -> AsyncIterator[Redis]:
        """Yield a client of the same Redis whose calls may take as long as their caller allows."""
        client = open_client(self.url, self.ca_file, limited=False)
        try:
            yield as_redis(client)
        finally:
            await client.aclose()

    async def primaries(self) -> list[dict[str, Any]]:
        """Return, for each server that holds keys, the arguments that send a command such as SCAN there."""
        if self.cluster is None:
            return [{}]
        await self.cluster.initialize()
        return [{"target_nodes": node} for node in self.cluster.get_primaries()]


def open_connection(
    url: SecretStr, metrics: Metrics, ca_file: Path | None = None, *, data_dir: Path | None = None
) -> Connection:
    """Make a client that waits for a free connection; redis-py's own pool raises when it has none."""
    client = open_client(url, ca_file)
    cluster = client if isinstance(client, Cluster) else None
    availability = Availability("redis", metrics)
    return Connection(as_redis(client), availability, url, ca_file, cluster, metrics.records_set_aside, data_dir)


class Store:
    """The base of all stores: one class per key namespace. `shapes` are its keys that a whole workspace shares."""

    shapes: ClassVar[tuple[Shape, ...]] = ()

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._redis = connection.redis


St = TypeVar("St", bound=Store)
P = ParamSpec("P")
T = TypeVar("T")


def redis_errors_mapped(
    call: Callable[Concatenate[St, P], Awaitable[T]],
) -> Callable[Concatenate[St, P], Coroutine[Any, Any, T]]:
    """Make a store's method raise StoreUnavailable in place of redis-py's errors, whose texts may hold an address.

    Where what is stored is the trouble, what is damaged is set aside if it may be, and the call made again; else raises
    RecordDamaged, and other calls go on. Raises StoreTooSlow in a request that has spent its budget.
    """

    @wraps(call)
    async def guarded(self: St, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self.connection.dependency.just_failed:
            raise StoreUnavailable
        try:
            return await _mending(self, partial(call, self, *args, **kwargs), args)
        except BudgetSpent as spent:
            log.warning("store_too_slow", call=call.__name__)
            raise StoreTooSlow from spent

    return guarded


async def _mending(store: Store, call: "partial[Awaitable[T]]", args: tuple[Any, ...]) -> T:
    """Return what a call returns, which is made again once where damage was set aside."""
    mended = False
    while True:
        since = time.monotonic()
        try:
            result = await call()
        except (*FAILURES, *UNREADABLE) as error:
            name = f"{type(store).__name__}.{call.func.__name__}"
            await store.connection.mend(error, _team_of(args), name, since=since, again=mended)
            mended = True
        else:
            if not store.connection.dependency.up:
                await store.connection.trouble()  # a server that is full or read-only still answers reads
            return result


def _team_of(args: tuple[Any, ...]) -> TeamId:
    """Return the workspace that a call is about: its first argument, or that one's own; none is the empty one."""
    first = args[0] if args else ""
    team = first if isinstance(first, str) else str(getattr(first, "team", ""))
    return TeamId(team if TEAM.fullmatch(team) else "")


def moment_ms(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def moment_of(milliseconds: str | bytes | float) -> datetime:
    """Return the moment, in UTC, so many milliseconds after 1970 began."""
    return datetime.fromtimestamp(float(milliseconds) / 1000, UTC)


def span_ms(span: timedelta) -> int:
    """Return a duration in milliseconds, at least 1, since Redis refuses an expiry of 0."""
    return max(1, round(span / timedelta(milliseconds=1)))
