"""How long an answer asks us to wait."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EPOCH_BEGINS = 10**11
"""Milliseconds: more than three years as a wait, but only 1973 as a moment."""


def stated_wait(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Return the wait that `Retry-After` or `x-ratelimit-reset` states, never less than none at all."""
    wait = _retry_after(headers.get("Retry-After", ""), now)
    if wait is None:
        wait = _reset(headers.get("x-ratelimit-reset", ""), now)
    return None if wait is None else max(wait, timedelta(0))


def _retry_after(value: str, now: datetime) -> timedelta | None:
    """Read seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after."""
    if _is_count(value):
        return timedelta(seconds=int(value))
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now


def _reset(value: str, now: datetime) -> timedelta | None:
    """Read milliseconds; whether they count from now or from 1970 is not documented."""
    if not _is_count(value):
        return None
    milliseconds = timedelta(milliseconds=int(value))
    return milliseconds if int(value) < EPOCH_BEGINS else datetime.fromtimestamp(0, UTC) + milliseconds - now


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 13  # noqa: PLR2004 - what a timedelta bears
