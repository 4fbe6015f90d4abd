"""The client for the Redis that REDIS_URL addresses, and what it does when it talks to the wrong server.

A server that answers READONLY, LOADING or MASTERDOWN is the wrong one, such as a primary that was demoted. The
connection is dropped and the call made again on a new one, for which the address is looked up again: at a sentinel, in
the Cluster's map of slots, or by its name.
"""

from pathlib import Path
from ssl import SSLCertVerificationError
from typing import Any, cast

from pydantic import SecretStr
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import (
    MasterNotFoundError,
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)
from redis.backoff import ConstantBackoff
from redis.connection import HiredisRespSerializer
from redis.exceptions import (
    BusyLoadingError,
    MasterDownError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisTimeout

from bot.storage.batching import TIMEOUT, BatchingRedis
from bot.storage.cluster import BatchingCluster, Cluster
from bot.storage.redis_url import RedisAddress, Topology, read_redis_url

POOL_SIZE = 50
CONNECT_TIMEOUT = TIMEOUT / 2
"""Leaves time to ask another sentinel, or another node of a Cluster, when one hangs."""
RETRY_AFTER = 0.05
"""Seconds."""
WRONG_SERVER = (ReadOnlyError, BusyLoadingError, MasterDownError)
NAMES = (62, 64)
"""OpenSSL's codes for a certificate of another host name or address."""
MEANINGS = {
    "BUSY": "a script runs for too long",
    "CLUSTERDOWN": "the Cluster isn't complete",
    "LOADING": "it is still starting",
    "MASTERDOWN": "its primary is down",
    "MISCONF": "it can't write to its disk",
    "NOAUTH": "it wants a password",
    "NOPERM": "this user may not do that",
    "NOREPLICAS": "too few replicas are connected",
    "OOM": "its memory is full",
    "READONLY": "it is a replica",
    "WRONGPASS": "it wants another password",
}
"""Of the first words of a server's refusals."""
SAYINGS = {
    "max number of clients reached": "it takes no more connections: maxclients",
    "ACL failure in script": MEANINGS["NOPERM"],
}
"""Of refusals whose first word says nothing."""
FAILURES = (RedisError, RedisClusterException, OSError)
"""All that a call can raise when Redis can't be used."""


class _LeavesWrongServer(AbstractConnection):
    def pack_command(self, *args: Any) -> list[bytes]:
        """Pack in C; redis-py's own for asyncio takes five times as long."""
        packed: list[bytes] = HiredisRespSerializer().pack(*args)
        return packed

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().read_response(*args, **kwargs)
        except WRONG_SERVER as error:
            await self.disconnect(nowait=True)
            raise RedisGone("This is the wrong server.") from error  # redis-py connects and tries again


class _Tcp(_LeavesWrongServer, Connection):
    pass


class _Tls(_LeavesWrongServer, SSLConnection):
    pass


class _Unix(_LeavesWrongServer, UnixDomainSocketConnection):
    pass


class _SentinelTcp(_LeavesWrongServer, SentinelManagedConnection):
    pass


class _SentinelTls(_LeavesWrongServer, SentinelManagedSSLConnection):
    pass


class _SentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """Waits for a free connection; redis-py's own pool for Sentinel raises when it has none."""

    async def disconnect(self, inuse_connections: bool = True) -> None:  # noqa: FBT001, FBT002 - redis-py's
        await super().disconnect(inuse_connections)
        if inuse_connections:  # the client is closed
            await self.sentinel_manager.aclose()


class _Sentinels(Sentinel):
    async def discover_master(self, service_name: str) -> tuple[str, int]:
        """Chain to the error why no sentinel answered; redis-py keeps that in a text, which may hold an address."""
        try:
            return cast("tuple[str, int]", await super().discover_master(service_name))
        except MasterNotFoundError as error:
            raise error from await self._silence()

    async def _silence(self) -> RedisError | None:
        try:
            await self.sentinels[0].ping()
        except (RedisGone, RedisTimeout) as silence:
            return silence
        return None


def open_client(url: SecretStr, ca_file: Path | None = None, *, limited: bool = True) -> Redis | Cluster:
    """Make the client for a URL, which connects when it is first used; raise ValueError for a malformed URL.

    Its calls are limited by TIMEOUT if `limited`.
    """
    address = read_redis_url(url.get_secret_value())
    alone = address.topology in {Topology.SERVER, Topology.SOCKET}
    options: dict[str, Any] = {
        # Each call has its limit from its caller. redis-py's own is a `wait_for` around each write, which on Python
        # 3.11 loses a cancellation that comes as the write ends.
        "socket_timeout": None,
        "socket_connect_timeout": None if alone and limited else CONNECT_TIMEOUT.total_seconds(),
        # a restarted server has closed our connections, so retry; a slow one is not asked again
        "retry": Retry(ConstantBackoff(RETRY_AFTER), 1, supported_errors=(RedisGone,)),
        "decode_responses": True,
        "encoding_errors": "backslashreplace",  # else one value that isn't UTF-8 fails what was asked beside it
        "client_name": "connectbot",
    }
    tls: dict[str, Any] = {"ssl_ca_certs": str(ca_file)} if address.tls and ca_file else {}
    if address.topology is Topology.CLUSTER:
        names = {"username": address.username, "password": address.password}
        connection_class = _Tls if address.tls else _Tcp
        client_class = BatchingCluster if limited else Cluster
        return client_class(address.servers, connection_class, ssl=address.tls, **names, **tls, **options)
    pool_options = {"max_connections": POOL_SIZE, "timeout": TIMEOUT.total_seconds()}
    if address.topology is Topology.SENTINEL:
        pool: BlockingConnectionPool = _sentinel_pool(address, options | pool_options, tls)
    else:
        pool = _pool(url.get_secret_value(), tls | options | pool_options)
    return (BatchingRedis if limited else Redis).from_pool(pool)  # closing it closes the pool


def _pool(url: str, options: dict[str, Any]) -> BlockingConnectionPool:
    pool = BlockingConnectionPool.from_url(url, **options)
    kinds = {Connection: _Tcp, SSLConnection: _Tls, UnixDomainSocketConnection: _Unix}
    pool.connection_class = kinds[pool.connection_class]
    return pool


def _sentinel_pool(address: RedisAddress, options: dict[str, Any], tls: dict[str, Any]) -> BlockingConnectionPool:
    """Return a pool of connections to the group's primary. The sentinels get the same user and password, or none.

    redis-py asks one sentinel after another until one answers.
    """
    names = {"username": address.username, "password": address.password}
    limits = {name: CONNECT_TIMEOUT.total_seconds() for name in ("socket_timeout", "socket_connect_timeout")}
    asking = {"ssl": address.tls, "retry": Retry(ConstantBackoff(0), 0), "client_name": "connectbot", **limits, **tls}
    sentinel = _Sentinels(address.servers, sentinel_kwargs=asking | names)  # type: ignore[no-untyped-call]  # redis-py's
    if address.password:
        sentinel.sentinels += [Redis(host=host, port=port, **asking) for host, port in address.servers]
    return _SentinelPool(  # type: ignore[no-untyped-call]  # redis-py's
        address.master,
        sentinel,
        connection_class=_SentinelTls if address.tls else _SentinelTcp,
        db=address.database,
        **names,
        **tls,
        **options,
    )


def origin_of(error: BaseException) -> BaseException:
    """Return the failure behind redis-py's own, which raises one error again and so may lead round in a circle."""
    seen = {id(error)}
    while isinstance(error, (RedisGone, RedisClusterException)):
        origin = error.__cause__ or error.__context__
        if not isinstance(origin, (OSError, RedisGone, RedisTimeout, *WRONG_SERVER)) or id(origin) in seen:
            break
        seen.add(id(origin))
        error = origin
    return error


def as_redis(client: Redis | Cluster) -> Redis:
    """Return the client as its callers use it: a Cluster's has the same commands."""
    return cast("Redis", client)


def concerns_one_record(error: BaseException) -> bool:
    """Return whether Redis refused a command for what its key holds, such as another type, or for the command itself.

    Everything else concerns the server. redis-py takes the word ERR off such an answer, and leaves other words there.
    """
    word = str(error).partition(" ")[0]
    return type(error) is ResponseError and (word == "WRONGTYPE" or not word.isupper())


def cause_of(error: BaseException) -> str:
    """Name a failure by its class and, if a server answered it, by that answer's first word and what that means.

    Of a certificate that isn't trusted the reason is returned. Nothing else of a text is, since it may hold an address.
    """
    error = origin_of(error)
    if isinstance(error, SSLCertVerificationError):
        reason = "for another host" if error.verify_code in NAMES else error.verify_message
        return f"{type(error).__name__}: {reason}"
    for saying, meaning in SAYINGS.items():
        if saying in str(error):
            return f"{type(error).__name__} ({meaning})"
    word = getattr(error, "status_code", None) or str(error).partition(" ")[0]
    said = f" {word}" if isinstance(error, RedisError) and word.isalpha() and word.isupper() else ""
    meant = f" ({MEANINGS[word]})" if said and word in MEANINGS else ""
    return f"{type(error).__name__}{said}{meant}"
