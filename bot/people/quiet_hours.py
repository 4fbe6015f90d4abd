"""When somebody may be written to unasked: by day, on the clocks of their own time zone. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

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
