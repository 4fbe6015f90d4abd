"""When a person may be messaged unasked: not while they have muted or snoozed messages, and not at night.

Muted: `connectbot:{team}:stopped`, a hash of user to when they muted messages. Permanent.

Snoozed: `connectbot:{team}:snoozed:<user>`, until when; the key expires then. Moments are milliseconds.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.core.clock import Clock
from bot.core.model import TeamId, UserId
from bot.storage.connection import Connection, Store, moment_ms, moment_of, redis_errors_mapped
from bot.storage.damage import Shape

MORNING = time(8)
EVENING = time(20)


def next_daytime(moment: datetime, *, zone: str) -> datetime:
    """Return the moment itself from 8:00 to 20:00 in the zone, otherwise 8:00 of the next morning there (UTC).

    An unknown zone counts as UTC.
    """
    tz = zone_of(zone)
    local = moment.astimezone(tz)
    if MORNING <= local.time() < EVENING:
        return moment.astimezone(UTC)
    days = timedelta(days=1 if local.time() >= EVENING else 0)
    return datetime.combine(local.date() + days, MORNING, tzinfo=tz).astimezone(UTC)


def zone_of(name: str) -> tzinfo:
    """Return the time zone with this IANA name, or UTC if it is unknown."""
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):  # not a zone's name, or one that this machine doesn't have
        return UTC


class PreferenceStore(Store):
    """Stores who has muted or snoozed invitations and digests."""

    shapes = (Shape("stopped", "hash"),)

    def __init__(self, connection: Connection, clock: Clock) -> None:
        super().__init__(connection)
        self._clock = clock

    @redis_errors_mapped
    async def mute(self, team: TeamId, user: UserId) -> bool:
        """Mute messages that the person did not ask for; return whether they weren't muted."""
        return bool(await self._redis.hset(_muted_key(team), user, moment_ms(self._clock.now())))

    @redis_errors_mapped
    async def unmute(self, team: TeamId, user: UserId) -> bool:
        """End muting and snoozing; return whether they were muted."""
        await self._redis.delete(_snoozed_key(team, user))
        return bool(await self._redis.hdel(_muted_key(team), user))

    @redis_errors_mapped
    async def is_muted(self, team: TeamId, user: UserId) -> bool:
        """Return whether the person has muted messages."""
        return bool(await self._redis.hexists(_muted_key(team), user))

    @redis_errors_mapped
    async def snooze(self, team: TeamId, user: UserId, until: datetime) -> None:
        """Mute messages until a moment (UTC)."""
        left = max(1, moment_ms(until) - moment_ms(self._clock.now()))
        await self._redis.set(_snoozed_key(team, user), moment_ms(until), px=left)

    @redis_errors_mapped
    async def snoozed_until(self, team: TeamId, user: UserId) -> datetime | None:
        """Return until when (UTC) the person has snoozed messages, or None."""
        stored = await self._redis.get(_snoozed_key(team, user))
        until = moment_of(stored) if stored else None
        return until if until and until > self._clock.now() else None


def _muted_key(team: TeamId) -> str:
    return f"connectbot:{{{team}}}:stopped"


def _snoozed_key(team: TeamId, user: UserId) -> str:
    return f"connectbot:{{{team}}}:snoozed:{user}"
