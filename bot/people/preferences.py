"""Who wants no invitations and no news: `connectbot:{team}:stopped`, a hash of users to when they said so. Permanent.

`connectbot:{team}:snoozed:<user>` is until when somebody wants to be left in peace; it goes by itself. Moments are
milliseconds.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.core.clock import Clock
from bot.core.model import TeamId, UserId
from bot.storage.connection import Connection, Store, reaching_redis
from bot.storage.milliseconds import moment_ms

MORNING = time(8)
EVENING = time(20)


def next_daytime(moment: datetime, *, zone: str) -> datetime:
    """Return the moment itself from 8:00 to 20:00 in the zone, else 8:00 of the next morning there (UTC).

    A zone that nobody knows counts as UTC.
    """
    there = zone_of(zone)
    local = moment.astimezone(there)
    if MORNING <= local.time() < EVENING:
        return moment.astimezone(UTC)
    days = timedelta(days=1 if local.time() >= EVENING else 0)
    return datetime.combine(local.date() + days, MORNING, tzinfo=there).astimezone(UTC)


def zone_of(name: str) -> tzinfo:
    """Return a zone by its IANA name, UTC for one that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):  # no name of a zone, or this machine has none of that name
        return UTC


class PreferenceStore(Store):
    """Keeps who wants to be left in peace, for good or for a while."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock

    @reaching_redis
    async def mute(self, team: TeamId, user: UserId) -> None:
        """Let somebody have no more messages that nobody but others want."""
        await self._redis.hset(_stopped_key(team), user, moment_ms(self._clock.now()))

    @reaching_redis
    async def unmute(self, team: TeamId, user: UserId) -> None:
        """Take that back, and any snooze with it."""
        await self._redis.hdel(_stopped_key(team), user)
        await self._redis.delete(_snoozed_key(team, user))

    @reaching_redis
    async def is_muted(self, team: TeamId, user: UserId) -> bool:
        """Tell whether somebody wants none."""
        return bool(await self._redis.hexists(_stopped_key(team), user))

    @reaching_redis
    async def snooze(self, team: TeamId, user: UserId, until: datetime) -> None:
        """Let somebody have none until a moment (UTC)."""
        left = max(1, moment_ms(until) - moment_ms(self._clock.now()))
        await self._redis.set(_snoozed_key(team, user), moment_ms(until), px=left)

    @reaching_redis
    async def snoozed_until(self, team: TeamId, user: UserId) -> datetime | None:
        """Return the moment (UTC) until which somebody wants none, if that is ahead."""
        kept = await self._redis.get(_snoozed_key(team, user))
        until = datetime.fromtimestamp(int(kept) / 1000, UTC) if kept else None
        return until if until and until > self._clock.now() else None


def _stopped_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:stopped"


def _snoozed_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:snoozed:{user}"
