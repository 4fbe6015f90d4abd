"""The processes that work on this data: each says again and again that it lives, and which services it finds down.

`connectbot:{jobs}:processes` is a hash of a process's id to the moment, by Redis' clock, at which it last said so, `|`
and JSON. A moment in the future is from before that clock was set back: whoever lives says another one soon. Whoever
stops takes itself out; whoever died is forgotten after FORGOTTEN_AFTER. It expires by itself.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import TypeAdapter

from bot import VERSION
from bot.core.clock import Clock
from bot.core.metrics import Metrics
from bot.storage.connection import Connection, Store, redis_errors_mapped, span_ms
from bot.storage.damage import Shape
from bot.storage.errors import StoreUnavailable

PROCESSES = "connectbot:{jobs}:processes"
SAID_EVERY = timedelta(seconds=10)
SILENT_AFTER = timedelta(seconds=35)
"""A process that has said nothing for so long has died, or has lost Redis."""
FORGOTTEN_AFTER = timedelta(hours=1)

SAY = """
local now = tonumber(redis.call('TIME')[1])
local known = redis.call('HGETALL', KEYS[1])
for i = 1, #known, 2 do
  local silent = math.abs(now - tonumber(string.match(known[i + 1], '^%d+')))
  if silent > tonumber(ARGV[4]) then redis.call('HDEL', KEYS[1], known[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], now .. '|' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
"""
READ = "return {redis.call('TIME')[1], redis.call('HGETALL', KEYS[1])}"

Role = Literal["bot", "worker"]


@dataclass(frozen=True, slots=True)
class Process:
    """What a process says of itself: since when (UTC) it works, and the services that don't answer it.

    `sockets` counts its connections to Slack; it is None where it has none by its nature. `silent` is how long ago it
    said so, `said_at` the moment (UTC) of that by its clock, which Slack's time corrects.
    """

    role: Role
    host: str
    pid: int
    version: str
    since: datetime
    sockets: int | None = None
    down: tuple[str, ...] = ()
    said_at: datetime | None = None
    silent: timedelta = timedelta(0)

    @property
    def lives(self) -> bool:
        """Whether it has said so lately."""
        return self.silent < SILENT_AFTER


_PROCESS = TypeAdapter(Process)


def time_of(processes: Sequence[Process]) -> datetime:
    """Return the present moment as the processes that live have it, by which jobs are due; else this machine's."""
    told = (one.said_at + one.silent for one in processes if one.said_at and one.lives)
    return next(told, datetime.now(UTC))


class ProcessStore(Store):
    """Stores what each process says of itself."""

    shapes = (Shape(PROCESSES, "hash", lambda _, said: _process(said, 0)),)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._say, self._read = map(self._redis.register_script, (SAY, READ))

    @redis_errors_mapped
    async def say(self, process_id: str, process: Process) -> None:
        """Record what a process says now, and forget those that died long ago."""
        longest = round(FORGOTTEN_AFTER.total_seconds())
        args: list[str | int] = [process_id, _PROCESS.dump_json(process).decode(), span_ms(FORGOTTEN_AFTER), longest]
        await self._say(keys=[PROCESSES], args=args)

    @redis_errors_mapped
    async def take_out(self, process_id: str) -> None:
        """Forget a process that stops."""
        await self._redis.hdel(PROCESSES, process_id)

    @redis_errors_mapped
    async def all(self) -> tuple[Process, ...]:
        """Return the processes that live or died lately, the oldest first."""
        now, said = await self._read(keys=[PROCESSES])
        found = [_process(value, int(now)) for value in said[1::2]]
        return tuple(sorted(found, key=lambda process: process.since))


def _process(value: Any, now: int) -> Process:
    at, _, text = str(value).partition("|")
    return replace(_PROCESS.validate_json(text), silent=timedelta(seconds=abs(now - int(at))))


@asynccontextmanager
async def saying(
    processes: ProcessStore, role: Role, metrics: Metrics, clock: Clock, *, sockets: bool, every: timedelta
) -> AsyncIterator[None]:
    """Say that this process lives until the context is left. `sockets`: whether it should have some."""
    process_id = secrets.token_hex(8)
    itself = Process(role, socket.gethostname(), os.getpid(), VERSION, clock.now())

    async def say() -> None:
        while True:
            opened = int(metrics.registry.get_sample_value("connectbot_sockets") or 0) if sockets else None
            with suppress(StoreUnavailable):
                now = replace(itself, sockets=opened, down=_down(metrics), said_at=clock.now())
                await processes.say(process_id, now)
            await asyncio.sleep(every.total_seconds())

    task = asyncio.create_task(say())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        with suppress(StoreUnavailable):
            await processes.take_out(process_id)


def _down(metrics: Metrics) -> tuple[str, ...]:
    samples = [sample for metric in metrics.up.collect() for sample in metric.samples]
    return tuple(sample.labels["dependency"] for sample in samples if not sample.value)
