"""Sweeps in Redis.

- `connectbot:{team}:daily_sweep`: the sweep's state, JSON.
- `…:daily_sweep:todo`: a list of the profiles still to check.
- `…:daily_sweep:ask`: a list of those that were compared with the file and have to be asked about.
- `…:daily_sweep:news`: a set of the profiles for whose people alerts were found.
- `…:daily_sweep:stale`: a set of the profiles that Ayrshare has deleted or suspended.
- `…:daily_sweep:day:<date>`: a set of the users who get a digest because of a sweep on that day.
- `connectbot:sweep_slot`: when Ayrshare may be called again (milliseconds), for all workspaces and processes, since
  its limits apply to the account.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.notifications.model import DAY_KEPT, SLOT_KEPT, SWEEP_KEPT, Sweep
from bot.profiles.store import profiles_key
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped, span_ms
from bot.storage.damage import Shape
from bot.storage.transaction import MANY

SLOT = "connectbot:sweep_slot"

ACQUIRE_SLOT = """
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free > tonumber(ARGV[1]) then return free end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 0
"""

RESERVE_DAY = """
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""

_SWEEP = TypeAdapter(Sweep)


class SweepStore(Store):
    """Stores how far each workspace's sweep is, so that any process can continue it."""

    shapes = (
        Shape("daily_sweep", "string", lambda _, record: _SWEEP.validate_json(record)),
        *(Shape(f"daily_sweep:{part}", "list") for part in ("todo", "ask")),
        *(Shape(f"daily_sweep:{part}", "set") for part in ("news", "stale")),
        Shape(SLOT, "string", lambda _, free: float(free)),
    )

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._acquire_slot = self._redis.register_script(ACQUIRE_SLOT)
        self._reserve_day = self._redis.register_script(RESERVE_DAY)

    @redis_errors_mapped
    async def get(self, team: TeamId) -> Sweep | None:
        """Return the sweep's state, None before the first one is planned."""
        record = await self._redis.get(_key(team))
        return _SWEEP.validate_json(record) if record else None

    @redis_errors_mapped
    async def get_with_next(self, team: TeamId) -> tuple[Sweep | None, RefId | None]:
        """Return the sweep's state and the next profile to check, both as of one moment."""
        pipe = self.connection.transaction()
        pipe.get(_key(team))
        pipe.lindex(_key(team, "todo"), 0)
        record, first = await pipe.execute()
        return _SWEEP.validate_json(record) if record else None, RefId(str(first)) if first else None

    @redis_errors_mapped
    async def get_or_save(self, team: TeamId, first: Sweep) -> Sweep:
        """Return the sweep's state, which is `first` if none was stored."""
        if await self._redis.set(_key(team), _json(first), px=SWEEP_KEPT, nx=True):
            return first
        return await self.get(team) or first

    @redis_errors_mapped
    async def save(self, team: TeamId, sweep: Sweep) -> None:
        """Store the sweep's state."""
        await self._redis.set(_key(team), _json(sweep), px=SWEEP_KEPT)

    @redis_errors_mapped
    async def begin(self, team: TeamId, sweep: Sweep) -> None:
        """Store a sweep that begins, with all the workspace's profiles to check."""
        ref_ids = sorted(await self._redis.hkeys(profiles_key(team)))
        todo = _key(team, "todo")
        async with self.connection.transaction() as pipe:
            pipe.delete(todo, _key(team, "ask"))
            for first in range(0, len(ref_ids), MANY):
                pipe.rpush(todo, *ref_ids[first : first + MANY])
            pipe.pexpire(todo, SWEEP_KEPT)
            pipe.set(_key(team), _json(sweep), px=SWEEP_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def next_profiles(self, team: TeamId, *, limit: int) -> tuple[RefId, ...]:
        """Return the next profiles to check."""
        return tuple(RefId(str(one)) for one in await self._redis.lrange(_key(team, "todo"), 0, limit - 1))

    @redis_errors_mapped
    async def mark_compared(self, team: TeamId, ref_ids: Sequence[RefId], *, ask: Collection[RefId]) -> None:
        """Store that profiles were compared with the file, and which of them have to be asked about."""
        async with self.connection.transaction() as pipe:
            for ref_id in ref_ids:
                pipe.lrem(_key(team, "todo"), 1, ref_id)
            if ask:
                pipe.rpush(_key(team, "ask"), *ask)
            for part in ("todo", "ask"):
                pipe.pexpire(_key(team, part), SWEEP_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def end_batch(self, team: TeamId, sweep: Sweep) -> None:
        """Have all that is left asked about one by one."""
        left = await self._redis.lrange(_key(team, "ask"), 0, -1)
        async with self.connection.transaction() as pipe:
            for first in range(0, len(left), MANY):
                pipe.rpush(_key(team, "todo"), *left[first : first + MANY])
            pipe.pexpire(_key(team, "todo"), SWEEP_KEPT)
            pipe.delete(_key(team, "ask"))
            pipe.set(_key(team), _json(replace(sweep, batch_at=None)), px=SWEEP_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def mark_checked(
        self, team: TeamId, ref_id: RefId, sweep: Sweep, *, news: bool = False, stale: bool = False
    ) -> None:
        """Store that a profile was checked, whether there are alerts for its people, and whether it is stale."""
        async with self.connection.transaction() as pipe:
            pipe.lrem(_key(team, "todo"), 1, ref_id)
            pipe.pexpire(_key(team, "todo"), SWEEP_KEPT)
            if news:
                pipe.sadd(_key(team, "news"), ref_id)
                pipe.pexpire(_key(team, "news"), SWEEP_KEPT)
            if stale:
                pipe.sadd(_key(team, "stale"), ref_id)
                pipe.pexpire(_key(team, "stale"), SWEEP_KEPT)
            pipe.set(_key(team), _json(sweep), px=SWEEP_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def abort(self, team: TeamId, sweep: Sweep) -> None:
        """Skip all profiles still to check, and store the sweep's state."""
        async with self.connection.transaction() as pipe:
            pipe.delete(_key(team, "todo"))
            pipe.set(_key(team), _json(sweep), px=SWEEP_KEPT)
            await pipe.execute()

    @redis_errors_mapped
    async def profiles_with_news(self, team: TeamId, *, limit: int) -> tuple[RefId, ...]:
        """Return some of the profiles for whose people alerts were found."""
        return tuple(RefId(ref_id) for ref_id in await self._some(_key(team, "news"), limit))

    @redis_errors_mapped
    async def mark_notified(self, team: TeamId, *ref_ids: RefId) -> None:
        """Remove profiles whose people's digests are scheduled."""
        await self._redis.srem(_key(team, "news"), *ref_ids)

    @redis_errors_mapped
    async def stale_profiles(self, team: TeamId, *, limit: int) -> tuple[RefId, ...]:
        """Return some of the stale profiles that were found."""
        return tuple(RefId(ref_id) for ref_id in await self._some(_key(team, "stale"), limit))

    @redis_errors_mapped
    async def mark_reported(self, team: TeamId, *ref_ids: RefId) -> None:
        """Remove stale profiles that were reported to the admins."""
        await self._redis.srem(_key(team, "stale"), *ref_ids)

    @redis_errors_mapped
    async def acquire_slot(self, *, now: datetime, interval: timedelta) -> datetime | None:
        """Acquire the next slot for a call to Ayrshare and return None, or return when the next slot is free."""
        args = [moment_ms(now), moment_ms(now + interval), span_ms(SLOT_KEPT)]
        free = int(await self._acquire_slot(keys=[SLOT], args=args))
        return moment_of(free) if free else None

    @redis_errors_mapped
    async def pause(self, until: datetime) -> None:
        """Give out no slots until a moment."""
        await self._redis.set(SLOT, moment_ms(until), px=SLOT_KEPT)

    @redis_errors_mapped
    async def reserve_day(self, team: TeamId, user: UserId, *, day: datetime, limit: int) -> bool:
        """Put someone on a day's list once, and return whether they are on it; it takes `limit` people."""
        args: list[str | int] = [user, limit, span_ms(DAY_KEPT)]
        return bool(await self._reserve_day(keys=[_key(team, f"day:{day:%Y-%m-%d}")], args=args))

    async def _some(self, key: str, limit: int) -> list[str]:
        found: Any = await self._redis.srandmember(key, limit)  # with a count it is always a list
        return [str(one) for one in found]


def _json(sweep: Sweep) -> str:
    return _SWEEP.dump_json(sweep).decode()


def _key(team: TeamId, part: str = "") -> str:
    return f"connectbot:{{{team}}}:daily_sweep{':' if part else ''}{part}"
