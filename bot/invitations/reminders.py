"""When somebody who wants to be asked later is asked again: pure, by the clocks of their own time zone."""

from datetime import UTC, datetime, timedelta

from bot.invitations.model import Reminder
from bot.people.preferences import zone_of

MORNING = 9
HOUR = timedelta(hours=1)
DAYS = {Reminder.TOMORROW: 1, Reminder.WEEK: 7}


def moment_of(reminder: Reminder, *, now: datetime, zone: str) -> datetime:
    """Return the moment (UTC): in an hour, or at 9:00 of a later day in the zone, UTC where that is unknown."""
    if reminder is Reminder.HOUR:
        return now + HOUR
    day = now.astimezone(zone_of(zone)) + timedelta(
        days=DAYS[reminder]
    )  # a day by the calendar, also of 23 or 25 hours
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0).astimezone(UTC)
