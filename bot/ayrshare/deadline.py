"""When a network requires a new sign-in to an account: whichever of Ayrshare's fields tells it."""

from datetime import datetime, timedelta

from bot.ayrshare.replies import LinkedAccount

ATTENTION_PERIOD = timedelta(days=14)
"""An account needs attention this long before its network requires a new sign-in."""
MAX_DAYS = 100_000
"""More than any network gives, and within what a `datetime` can hold."""
LINKEDIN_ACCEPTS = timedelta(days=365)
"""How long LinkedIn accepts a sign-in; Ayrshare announces its end 15 days before, by webhook."""


def sign_in_deadline(row: LinkedAccount, *, now: datetime) -> datetime | None:
    """Return when a new sign-in is or was required (UTC); None if nothing tells. No days left means since today.

    Where Ayrshare says that one is required now, a day that is far off says nothing.
    """
    deadline = _told(row, now=now)
    far = deadline is not None and deadline > now + ATTENTION_PERIOD
    return None if far and row.refresh_required is True else deadline


def _told(row: LinkedAccount, *, now: datetime) -> datetime | None:
    days = row.refresh_days_remaining
    if days is not None and abs(days) <= MAX_DAYS:
        return now + timedelta(days=days) if days else now.replace(hour=0, minute=0, second=0, microsecond=0)
    if row.refresh_by:
        return row.refresh_by
    if isinstance(row.refresh_required, datetime):
        return row.refresh_required
    ends = row.created + LINKEDIN_ACCEPTS if row.platform == "linkedin" and row.created else None
    return ends if ends and ends > now else None  # connected after it: `created` isn't the last sign-in


def needs_sign_in(row: LinkedAccount, deadline: datetime | None, *, now: datetime) -> bool:
    """Return whether a new sign-in is required now or within ATTENTION_PERIOD."""
    return row.refresh_required is True or (deadline is not None and deadline <= now + ATTENTION_PERIOD)
