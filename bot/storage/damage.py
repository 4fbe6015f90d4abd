"""What is damaged in Redis: a key of another type than its own, or a field whose value can't be read.

Each store names the shapes of the keys that a whole workspace shares. What a call stumbles over is looked for among
them. What can be found out again, or done without, is set aside, and the call is made once more: the key, or only its
damaged fields, go to `<key>:damaged:<moment>`, which expires after KEPT. What nothing can bring back stays: whoever
needs it reads so, and all others are served.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis

from bot.core.model import TeamId

KEPT = timedelta(days=30)
LOOK_HOLDS = 5.0
"""Seconds for which a workspace in which nothing was set aside isn't looked through again."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
"""What reading a damaged value raises."""
MARK = ":damaged:"

# Moves a key, or some fields of a hash, to another key that expires. Writes again what a key listed, and what its loss
# calls for. A key that has its own type by now isn't moved: a look at another workspace has been quicker.
MOVE = """
local kind = redis.call('TYPE', KEYS[1]).ok
if #ARGV == 4 and kind ~= 'none' and kind ~= ARGV[2] then
  redis.call('RENAME', KEYS[1], KEYS[2])
  for _, listed in ipairs(cjson.decode(ARGV[3])) do
    if ARGV[2] == 'zset' then redis.call('ZADD', KEYS[1], 0, listed) else redis.call('SADD', KEYS[1], listed) end
  end
  if KEYS[3] then redis.call('ZADD', KEYS[3], 0, ARGV[4]) end
end
for i = 5, #ARGV do
  local value = redis.call('HGET', KEYS[1], ARGV[i])
  if value then redis.call('HSET', KEYS[2], ARGV[i], value) end
  redis.call('HDEL', KEYS[1], ARGV[i])
end
redis.call('PEXPIRE', KEYS[2], ARGV[1])
"""

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shape:
    """How a key looks that a whole workspace shares, or everybody: then `name` is all of it.

    `type` is Redis' word. `read` reads a string, or a hash's field and value, and raises if it can't. What is
    `irreplaceable` stays where it is. What `lists` the workspaces that have a key of that name is written again. What
    the loss of a key `calls_for` is written, at 0, into the sorted set of that name.
    """

    name: str
    type: str
    read: Callable[[str, str], object] = lambda _, value: value
    irreplaceable: bool = False
    lists: str = ""
    calls_for: tuple[str, str] | None = None

    def key(self, team: TeamId) -> str:
        """Return a workspace's key."""
        return self.name if self.name.startswith("connectbot:") else f"connectbot:{{{team}}}:{self.name}"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A key, or some of its fields, and why it can't be used."""

    key: str
    shape: Shape
    cause: str
    fields: tuple[str, ...] = ()
    moved_unless: str = ""
    """The type that the key has once it is whole; empty where its type is right and its value isn't."""

    def beside(self, name: str) -> str:
        """Return the key of that name of the same workspace."""
        return f"{self.key.removesuffix(self.shape.name)}{name}"


@dataclass(frozen=True, slots=True)
class Look:
    """What was found damaged by a look that ended at a moment of the monotonic clock."""

    found: list[Damaged]
    ended: float

    def is_outdated(self, began: float) -> bool:
        """Return whether a call that began then, and met damage, calls for another look."""
        mended = any(not one.shape.irreplaceable for one in self.found)
        return began > self.ended if mended else began > self.ended + LOOK_HOLDS


class Damage:
    """Looks for what is damaged, and sets it aside."""

    def __init__(self, redis: Redis, counter: Counter, shapes: Callable[[], Iterable[Shape]]) -> None:
        self._redis, self._counter, self._shapes = redis, counter, shapes
        self._move = redis.register_script(MOVE)
        self._looks: dict[TeamId, asyncio.Task[Look]] = {}

    async def met(self, team: TeamId, *, since: float) -> list[Damaged]:
        """Return what is damaged of a workspace; what may be set aside has been.

        A call that began at `since`, by the monotonic clock, shares a look that ended later.
        """
        look = self._looks.get(team)
        if look is None or (look.done() and (look.exception() or look.result().is_outdated(since))):
            look = self._looks[team] = asyncio.create_task(self._look(team))
        return (await asyncio.shield(look)).found

    async def _look(self, team: TeamId) -> Look:
        found = await self.set_aside(team)
        return Look(found, time.monotonic())

    async def set_aside(self, team: TeamId, *, irreplaceable: bool = False) -> list[Damaged]:
        """Return what is damaged of a workspace, and set it aside; the `irreplaceable` only if that is asked for."""
        found = [one async for one in self.of(team)]
        for one in found:
            if irreplaceable or not one.shape.irreplaceable:
                await self._set_aside(one)
        return found

    async def _set_aside(self, one: Damaged) -> None:
        target = f"{one.key if '{' in one.key else f'{{{one.key}}}'}{MARK}{time.time_ns() // 1_000_000}"
        listed = json.dumps(await self._listed(one.shape.lists) if one.shape.lists else [])
        sorted_set, entry = one.shape.calls_for or ("", "")
        keys = [one.key, target, *([one.beside(sorted_set)] if sorted_set else [])]
        args = [str(round(KEPT / timedelta(milliseconds=1))), one.moved_unless, listed, entry, *one.fields]
        await self._move(keys=keys, args=args)
        self._counter.labels(one.shape.name).inc(len(one.fields) or 1)
        log.error("damage_set_aside", key=one.key, cause=one.cause, fields=len(one.fields), to=target)

    async def _listed(self, name: str) -> list[str]:
        """Return the workspaces that have a key of a name."""
        found = self._redis.scan_iter(match=f"connectbot:{{*}}:{name}", count=2_000)
        return sorted({str(key).partition("{")[2].partition("}")[0] async for key in found})

    async def of(self, team: TeamId) -> AsyncIterator[Damaged]:
        """Yield what is damaged of a workspace, or of what all share."""
        shapes = list(self._shapes())
        types = await asyncio.gather(*(self._redis.type(shape.key(team)) for shape in shapes))
        for shape, kind in zip(shapes, map(str, types), strict=True):
            key = shape.key(team)
            if kind not in {shape.type, "none"}:
                yield Damaged(key, shape, f"a {kind} in place of a {shape.type}", moved_unless=shape.type)
            elif kind in {"hash", "string"}:
                values: Any = await (self._redis.hgetall(key) if kind == "hash" else self._redis.mget(key))
                unread = _unreadable(shape, values if kind == "hash" else {"": values[0]})
                if unread:
                    fields = tuple(unread) if kind == "hash" else ()
                    yield Damaged(key, shape, ", ".join(sorted(set(unread.values()))), fields)


def _unreadable(shape: Shape, values: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that can't be read, and why."""
    found = {}
    for field, value in values.items():
        try:
            shape.read(field, value)
        except UNREADABLE as error:
            found[field] = type(error).__name__
    return found


def readable(key: str, records: Mapping[Any, Any], read: Callable[[str, str], T]) -> dict[str, T]:
    """Return what can be read of a hash whose damaged fields stay, and log what can't."""
    found = {}
    for field, record in records.items():
        try:
            found[str(field)] = read(str(field), str(record))
        except UNREADABLE as error:
            log.error("record_damaged", key=key, field=str(field), cause=type(error).__name__)
    return found
