"""The processes that are killed: a bot, a worker and their Redis, each started again."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.redis_servers import Group


@dataclass
class Tally:
    """What was promised, and what was done to those who promised it."""

    kills: Counter[str] = field(default_factory=Counter)
    promised: set[str] = field(default_factory=set)
    clicks: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


class Machine:
    """A bot, a worker and their Redis, each started again whenever it dies, or a group that fails over."""

    def __init__(self, environment: dict[str, str], tally: Tally, group: Group | None) -> None:
        self._environment = environment
        self._tally = tally
        self._group = group
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._failing_over: asyncio.Task[None] | None = None

    async def whole(self) -> None:
        """Wait until a failover that was going on has ended."""
        if self._failing_over:
            await self._failing_over

    async def keep(self, command: str) -> None:
        """Run a command, again and again."""
        while True:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", command), env=self._environment, stderr=asyncio.subprocess.DEVNULL
            )
            self._processes[command] = process
            try:
                await process.wait()
            except asyncio.CancelledError:
                process.terminate()
                await process.wait()
                raise
            await asyncio.sleep(random.uniform(0, 2))

    async def kill_one_after_another(self) -> None:
        """Kill something every few seconds."""
        while True:
            await asyncio.sleep(random.uniform(4, 10))
            victim = random.choice(["run", "worker", "redis"])
            if victim == "redis" and self._group:
                self._failing_over = asyncio.create_task(self._group.fail_over())
                await asyncio.shield(self._failing_over)
                self._tally.kills["primary"] += 1
            else:
                self.kill(victim)

    def kill(self, victim: str) -> None:
        """Kill a process of the bot, or the embedded server."""
        with contextlib.suppress(ProcessLookupError):
            for pid in self._redis() if victim == "redis" else [self._processes[victim].pid]:
                os.kill(pid, signal.SIGKILL)
                self._tally.kills[victim] += 1

    def _redis(self) -> Iterator[int]:
        data = self._environment["DATA_DIR"].encode()
        for process in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                command = (process / "cmdline").read_bytes() if process.name.isdecimal() else b""
                if data in command or (b"valkey" in command and os.fsencode((process / "cwd").readlink()) == data):
                    yield int(process.name)
