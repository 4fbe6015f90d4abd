"""Redis, embedded or as operators run it: a primary with replicas and sentinels, a Cluster, an address that moves."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bench.round_trips import RoundTrips, counting_proxy
from bot.core.metrics import Metrics
from bot.storage.connection import Connection, open_connection, span_ms
from bot.storage.embedded import embedded_server
from bot.storage.embedded.process import binary
from tests.cli.servers import free_port
from tests.eventually import eventually

MASTER = "connectbot"
PASSWORD = "password-of-the-group"
SLOTS = 16384
DOWN_AFTER = timedelta(milliseconds=700)
"""How long a primary must be silent before the sentinels, or the Cluster, replace it."""


@asynccontextmanager
async def counted_redis(folder: Path) -> AsyncIterator[tuple[RoundTrips, str]]:
    """Run an embedded server, and yield what counts the round trips to it and the address that leads through there."""
    async with (
        embedded_server(folder / "r", bot=True) as url,
        counting_proxy(Path(unquote(urlsplit(url).path)), folder) as counted,
    ):
        yield counted


class RedisServer:
    """A server's process. Its folder and port stay the same, so that a killed one can be started again."""

    def __init__(self, folder: Path, *options: str, sentinel: bool = False) -> None:
        self.port = free_port()
        self.folder = folder / str(self.port)
        self.folder.mkdir(parents=True)
        self.client: Any = Redis(port=self.port, password=None if sentinel else PASSWORD, decode_responses=True)
        self._options, self._sentinel = options, sentinel
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, *options: str) -> None:
        config = self.folder / "server.conf"
        if not config.exists():  # sentinels keep in it what they know
            words = [f"port {self.port}", "bind 127.0.0.1", f"dir {self.folder}", *self._options, *options]
            config.write_text("\n".join(words) + "\n")
        mode = ["--sentinel"] if self._sentinel else []
        with (self.folder / "log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(binary(), str(config), *mode, stdout=log)
        await eventually(self.answers, f"the server on port {self.port} answers")

    async def answers(self) -> bool:
        with suppress(RedisError, OSError):
            async with asyncio.timeout(1):
                return bool(await self.client.ping())
        return False

    async def said(self, section: str) -> Any:
        return await self.client.info(section)

    async def kill(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def freeze(self) -> None:
        """Have the process neither answer nor close its connections."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    async def close(self) -> None:
        await self.kill()
        await self.client.aclose()

    def _signal(self, number: int) -> None:
        assert self._process
        os.kill(self._process.pid, number)


@asynccontextmanager
async def embedded_redis(folder: Path) -> AsyncIterator[Connection]:
    """Run the embedded server, with a connection as the bot has it."""
    async with embedded_server(folder, bot=True) as url:
        connection = open_connection(SecretStr(url), Metrics())
        yield connection
        await connection.redis.aclose()


def data_options() -> tuple[str, ...]:
    return ("appendonly yes", "appendfsync always", 'save ""', f"requirepass {PASSWORD}", f"masterauth {PASSWORD}")


class Group:
    """A primary, its replicas and three sentinels, which replace a primary that is silent."""

    def __init__(self, folder: Path, *, replicas: int, down_after: timedelta) -> None:
        alone = ("min-replicas-to-write 1", "min-replicas-max-lag 2") if replicas > 1 else ()
        options = (*data_options(), "repl-diskless-sync-delay 0", *alone)
        self.primary, *self.replicas = [RedisServer(folder, *options) for _ in range(1 + replicas)]
        watch = (
            f"sentinel monitor {MASTER} 127.0.0.1 {self.primary.port} 2",
            f"sentinel auth-pass {MASTER} {PASSWORD}",
            f"sentinel down-after-milliseconds {MASTER} {span_ms(down_after)}",
            f"sentinel failover-timeout {MASTER} {span_ms(4 * down_after)}",
        )
        self.sentinels = [RedisServer(folder, *watch, sentinel=True) for _ in range(3)]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://:{PASSWORD}@{hosts}/{MASTER}/0"

    @property
    def servers(self) -> list[RedisServer]:
        return [self.primary, *self.replicas, *self.sentinels]

    async def start(self) -> None:
        await self.primary.start()
        for replica in self.replicas:
            await replica.start(f"replicaof 127.0.0.1 {self.primary.port}")
        await asyncio.gather(*(sentinel.start() for sentinel in self.sentinels))
        await eventually(self._is_complete, "the sentinels know each other and the replicas", within=20)

    async def replicated(self) -> None:
        """Wait until the replicas have all that the primary has acknowledged until now."""
        offset = (await self.primary.said("replication"))["master_repl_offset"]

        async def have_it() -> bool:
            known = [await replica.said("replication") for replica in self.replicas]
            return all(one.get("master_link_status") == "up" and one["slave_repl_offset"] >= offset for one in known)

        await eventually(have_it, "the replicas have everything", within=20)

    async def promoted(self) -> None:
        """Wait until all sentinels name the same new primary, and it is one."""
        old = self.primary

        async def is_replaced() -> bool:
            return await self._find_primary() and self.primary is not old

        await eventually(is_replaced, "a replica is the primary", within=30)

    async def fail_over(self) -> None:
        """Kill the primary when its replicas have everything, and start it again as a replica of the new one."""
        await eventually(self._is_complete, "the group is complete", within=60)
        await self.primary.client.execute_command("CLIENT PAUSE", 30_000, "WRITE")
        await self.replicated()
        old = self.primary
        await old.kill()
        await self.promoted()
        await old.start()

    async def _find_primary(self) -> bool:
        """Find the server that all sentinels name, and return whether it is a primary."""
        named = {(await one.client.sentinel_get_master_addr_by_name(MASTER))[1] for one in self.sentinels}
        data = [self.primary, *self.replicas]
        found = next((server for server in data if {server.port} == named), None)
        if found is None or not await found.answers() or (await found.said("replication"))["role"] != "master":
            return False
        self.primary, self.replicas = found, [server for server in data if server is not found]
        return True

    async def _is_complete(self) -> bool:
        if not await self._find_primary():
            return False
        states = [await sentinel.client.sentinel_master(MASTER) for sentinel in self.sentinels]
        if not all(one["num-slaves"] == len(self.replicas) and one["num-other-sentinels"] == 2 for one in states):
            return False
        known = [await replica.said("replication") for replica in self.replicas]
        return all(one.get("master_link_status") == "up" for one in known)


@asynccontextmanager
async def sentinel_group(
    folder: Path, *, replicas: int = 1, down_after: timedelta = DOWN_AFTER
) -> AsyncIterator[Group]:
    """Run a group that is complete. With several replicas a primary that has none takes no writes."""
    async with AsyncExitStack() as stack:
        group = Group(folder, replicas=replicas, down_after=down_after)
        for server in group.servers:
            stack.push_async_callback(server.close)
        await group.start()
        yield group


class ClusterOfThree:
    """Three primaries, each with a third of the slots, and on request a replica for the first."""

    def __init__(self, folder: Path, *, replicas: int) -> None:
        options = (*data_options(), "cluster-enabled yes", f"cluster-node-timeout {span_ms(DOWN_AFTER)}")
        options += ("repl-diskless-sync-delay 0", "cluster-replica-validity-factor 0")
        self.servers = [RedisServer(folder, *options) for _ in range(3 + replicas)]
        self.primaries, self.replicas = self.servers[:3], self.servers[3:]

    @property
    def url(self) -> str:
        return f"redis+cluster://:{PASSWORD}@{','.join(f'127.0.0.1:{server.port}' for server in self.servers)}"

    async def start(self) -> None:
        buses = [free_port() for _ in self.servers]  # the usual one, 10,000 higher, may be no port
        starts = zip(self.servers, buses, strict=True)
        await asyncio.gather(*(server.start(f"cluster-port {bus}") for server, bus in starts))
        first = self.servers[0]
        for number, server in enumerate(self.primaries):
            slots = SLOTS * number // 3, SLOTS * (number + 1) // 3 - 1
            await server.client.execute_command("CLUSTER ADDSLOTSRANGE", *slots)
            await server.client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
        for server in self.servers[1:]:
            await server.client.execute_command("CLUSTER MEET", "127.0.0.1", first.port, buses[0])
        await eventually(self._is_complete, "the nodes know each other", within=20)
        for replica, primary in zip(self.replicas, self.primaries, strict=False):
            await replica.client.execute_command("CLUSTER REPLICATE", await self._id(primary))
        await eventually(self._replicates, "the replicas have everything", within=20)

    async def primary_of(self, key: str) -> RedisServer:
        """Return the primary that has a key's slot."""
        slot = int(await self.servers[0].client.execute_command("CLUSTER KEYSLOT", key))
        return next(one for number, one in enumerate(self.primaries, 1) if slot < SLOTS * number // 3)

    async def give_slot(self, key: str, server: RedisServer) -> None:
        """Have another primary own a key's slot, which must be empty; clients hear of it by their next command."""
        slot = await server.client.execute_command("CLUSTER KEYSLOT", key)
        for primary in (server, *(one for one in self.primaries if one is not server)):
            await primary.client.execute_command("CLUSTER SETSLOT", slot, "NODE", await self._id(server))

    async def _id(self, server: RedisServer) -> str:
        return str(await server.client.execute_command("CLUSTER MYID"))

    async def _is_complete(self) -> bool:
        for server in self.servers:
            state = await server.client.execute_command("CLUSTER INFO")
            if state["cluster_state"] != "ok" or state["cluster_known_nodes"] != str(len(self.servers)):
                return False
        return True

    async def _replicates(self) -> bool:
        return all([(await one.said("replication")).get("master_link_status") == "up" for one in self.replicas])


@asynccontextmanager
async def cluster_of_three(folder: Path, *, replicas: int = 0) -> AsyncIterator[ClusterOfThree]:
    """Run a Cluster that serves all slots."""
    async with AsyncExitStack() as stack:
        cluster = ClusterOfThree(folder, replicas=replicas)
        for server in cluster.servers:
            stack.push_async_callback(server.close)
        await cluster.start()
        yield cluster


class MovingAddress:
    """One address for several servers, as a load balancer has it. Open connections stay where they are."""

    def __init__(self) -> None:
        self.target = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            to_server = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self._copy(reader, to_server[1]), self._copy(to_server[0], writer))
        writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while octets := await reader.read(65536):
                writer.write(octets)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def moving_address(tls: ssl.SSLContext | None = None) -> AsyncIterator[MovingAddress]:
    """Run an address that leads nowhere until its `target` is set to a port; with `tls` it ends TLS."""
    address = MovingAddress()
    server = await asyncio.start_server(address.serve, "127.0.0.1", 0, ssl=tls)
    address.port = int(server.sockets[0].getsockname()[1])
    try:
        yield address
    finally:
        server.close()
