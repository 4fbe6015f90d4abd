"""Sweeps: `connectbot:{team}:sweep`, JSON of where the daily look at all profiles stands.

Beside it `…:sweep:todo`, a list of the profiles yet to be looked at, `…:sweep:people`, a set of those for whom
something was found, and `…:sweep:stale`, a set of profiles that Ayrshare no longer lets us use. All go a week after the
last change. `…:sweep:day:<date>` is a set of those who hear of a sweep on a day; it goes after 90 days.
`connectbot:sweep_turn` is the moment (milliseconds) from which Ayrshare may be asked again: its limits hold for the
account, whatever the number of workspaces and processes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from bot.core.model import RefId, TeamId, UserId
from bot.notifications.sweep.model import Sweep
from bot.profiles.store import profiles_key
from bot.storage.connection import Connection, Store, moment_ms, reaching_redis, span_ms

KEPT = timedelta(days=7)
TURN = "connectbot:sweep_turn"
TURN_KEPT = timedelta(hours=1)
PLACES_KEPT = timedelta(days=90)
"""Longer than any news waits for its day."""

TAKE_TURN = """
local free = tonumber(redis.call('GET', KEYS[1]) or '0')
if free > tonumber(ARGV[1]) then return free end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 0
"""

RESERVE = """
if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""

_SWEEP = TypeAdapter(Sweep)


class SweepStore(Store):
    """Keeps how far the daily look at all profiles has come, so that any process can go on with it."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._take_turn = self._redis.register_script(TAKE_TURN)
        self._reserve = self._redis.register_script(RESERVE)

    @reaching_redis
    async def get(self, team: TeamId) -> Sweep | None:
        """Return where the sweep stands, if there ever was one."""
        kept = await self._redis.get(_key(team))
        return _SWEEP.validate_json(kept) if kept else None

    @reaching_redis
    async def keep(self, team: TeamId, sweep: Sweep) -> None:
        """Keep where the sweep stands."""
        await self._redis.set(_key(team), _SWEEP.dump_json(sweep).decode(), px=KEPT)

    @reaching_redis
    async def begin(self, team: TeamId, sweep: Sweep) -> None:
        """Keep that the sweep has begun, with every profile there is yet to be looked at."""
        ref_ids = sorted(await self._redis.hkeys(profiles_key(team)))
        todo = _key(team, "todo")
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(todo)
            if ref_ids:
                pipe.rpush(todo, *ref_ids)
                pipe.pexpire(todo, KEPT)
            pipe.set(_key(team), _SWEEP.dump_json(sweep).decode(), px=KEPT)
            await pipe.execute()

    @reaching_redis
    async def next(self, team: TeamId) -> RefId | None:
        """Return the next profile to be looked at."""
        first = await self._redis.lindex(_key(team, "todo"), 0)
        return RefId(str(first)) if first else None

    @reaching_redis
    async def looked(
        self, team: TeamId, ref_id: RefId, sweep: Sweep, *, people: Sequence[UserId] = (), stale: bool = False
    ) -> None:
        """Keep that a profile was looked at, for whom something was found, and whether it is stale."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.lrem(_key(team, "todo"), 1, ref_id)
            pipe.pexpire(_key(team, "todo"), KEPT)
            if people:
                pipe.sadd(_key(team, "people"), *people)
                pipe.pexpire(_key(team, "people"), KEPT)
            if stale:
                pipe.sadd(_key(team, "stale"), ref_id)
                pipe.pexpire(_key(team, "stale"), KEPT)
            pipe.set(_key(team), _SWEEP.dump_json(sweep).decode(), px=KEPT)
            await pipe.execute()

    @reaching_redis
    async def give_up(self, team: TeamId, sweep: Sweep) -> None:
        """Look at no more profiles this time, and keep where that leaves the sweep."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(_key(team, "todo"))
            pipe.set(_key(team), _SWEEP.dump_json(sweep).decode(), px=KEPT)
            await pipe.execute()

    @reaching_redis
    async def people(self, team: TeamId, *, at_most: int) -> tuple[UserId, ...]:
        """Return some of those for whom something was found."""
        return tuple(UserId(user) for user in await self._some(_key(team, "people"), at_most))

    @reaching_redis
    async def seen_to(self, team: TeamId, *users: UserId) -> None:
        """Forget some of those for whom something was found: what waits for them has its moment."""
        await self._redis.srem(_key(team, "people"), *users)

    @reaching_redis
    async def stale(self, team: TeamId, *, at_most: int) -> tuple[RefId, ...]:
        """Return some of the profiles that Ayrshare no longer lets us use."""
        return tuple(RefId(ref_id) for ref_id in await self._some(_key(team, "stale"), at_most))

    @reaching_redis
    async def reported(self, team: TeamId, *ref_ids: RefId) -> None:
        """Forget some of those profiles: the admins hear of them."""
        await self._redis.srem(_key(team, "stale"), *ref_ids)

    @reaching_redis
    async def acquire_slot(self, *, now: datetime, pace: timedelta) -> datetime | None:
        """Take the turn to ask Ayrshare and return None, or return from when on somebody may."""
        args = [moment_ms(now), moment_ms(now + pace), span_ms(TURN_KEPT)]
        free = int(await self._take_turn(keys=[TURN], args=args))
        return datetime.fromtimestamp(free / 1000, UTC) if free else None

    @reaching_redis
    async def pause(self, until: datetime) -> None:
        """Let nobody ask Ayrshare for a while."""
        await self._redis.set(TURN, moment_ms(until), px=TURN_KEPT)

    @reaching_redis
    async def reserve(self, team: TeamId, user: UserId, *, day: datetime, at_most: int) -> bool:
        """Take one of a day's places for somebody, who needs only one; return whether there was any left."""
        args: list[str | int] = [user, at_most, span_ms(PLACES_KEPT)]
        return bool(await self._reserve(keys=[_key(team, f"day:{day:%Y-%m-%d}")], args=args))

    async def _some(self, key: str, at_most: int) -> list[str]:
        found: Any = await self._redis.srandmember(key, at_most)  # with a count it is always a list
        return [str(one) for one in found]


def _key(team: TeamId, part: str = "") -> str:
    return f"connectbot:{{{team}}}:sweep{':' if part else ''}{part}"
