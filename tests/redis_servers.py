"""Redis as operators run it: a primary with a replica and three sentinels, a Cluster, and an address that moves."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.storage.embedded.process import binary
from tests.cli.servers import free_port
from tests.eventually import eventually

MASTER = "connectbot"
PASSWORD = "password-of-the-group"
SLOTS = 16384
DOWN_AFTER_MS = 700
"""How long a primary must be silent before the sentinels, or the Cluster, replace it."""


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


def data_options() -> tuple[str, ...]:
    return ("appendonly yes", "appendfsync always", 'save ""', f"requirepass {PASSWORD}", f"masterauth {PASSWORD}")


class Group:
    """A primary, a replica and three sentinels, which replace a primary that is silent."""

    def __init__(self, folder: Path) -> None:
        self.primary, self.replica = (
            RedisServer(folder, *data_options(), "repl-diskless-sync-delay 0") for _ in range(2)
        )
        watch = (
            f"sentinel monitor {MASTER} 127.0.0.1 {self.primary.port} 2",
            f"sentinel auth-pass {MASTER} {PASSWORD}",
            f"sentinel down-after-milliseconds {MASTER} {DOWN_AFTER_MS}",
            f"sentinel failover-timeout {MASTER} 3000",
        )
        self.sentinels = [RedisServer(folder, *watch, sentinel=True) for _ in range(3)]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://:{PASSWORD}@{hosts}/{MASTER}/0"

    @property
    def servers(self) -> list[RedisServer]:
        return [self.primary, self.replica, *self.sentinels]

    async def start(self) -> None:
        await self.primary.start()
        await self.replica.start(f"replicaof 127.0.0.1 {self.primary.port}")
        await asyncio.gather(*(sentinel.start() for sentinel in self.sentinels))
        await eventually(self._is_complete, "the sentinels know each other and the replica", within=20)

    async def replicated(self) -> None:
        """Wait until the replica has all that the primary has acknowledged until now: then a majority has it."""
        offset = (await self.primary.said("replication"))["master_repl_offset"]

        async def has_it() -> bool:
            known = await self.replica.said("replication")
            return bool(known.get("master_link_status") == "up" and known["slave_repl_offset"] >= offset)

        await eventually(has_it, "the replica has everything")

    async def promoted(self) -> None:
        """Wait until the replica is the primary."""

        async def is_primary() -> bool:
            return bool((await self.replica.said("replication"))["role"] == "master")

        await eventually(is_primary, "the replica is the primary", within=20)

    async def fail_over(self) -> None:
        """Kill the primary when its replica has everything, and start it again as the replica of the new one."""
        await self.primary.client.execute_command("CLIENT PAUSE", 5000, "WRITE")
        await self.replicated()
        await self.primary.kill()
        await self.promoted()
        self.primary, self.replica = self.replica, self.primary
        await self.replica.start()
        await eventually(self._replicates, "the old primary is a replica", within=60)

    async def _replicates(self) -> bool:
        known = await self.replica.said("replication")
        return bool(known.get("master_link_status") == "up")

    async def _is_complete(self) -> bool:
        states = [await sentinel.client.sentinel_master(MASTER) for sentinel in self.sentinels]
        return all(state["num-slaves"] == 1 and state["num-other-sentinels"] == 2 for state in states)


@asynccontextmanager
async def sentinel_group(folder: Path) -> AsyncIterator[Group]:
    """Run a group that is complete."""
    async with AsyncExitStack() as stack:
        group = Group(folder)
        for server in group.servers:
            stack.push_async_callback(server.close)
        await group.start()
        yield group


class ClusterOfThree:
    """Three primaries, each with a third of the slots, and on request a replica for the first."""

    def __init__(self, folder: Path, *, replicas: int) -> None:
        options = (*data_options(), "cluster-enabled yes", f"cluster-node-timeout {DOWN_AFTER_MS}")
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
