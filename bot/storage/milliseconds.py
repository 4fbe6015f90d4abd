"""Moments and spans as Redis has them."""

from datetime import datetime, timedelta


def moment_ms(moment: datetime) -> int:
    """Return a moment in milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def span_ms(span: timedelta) -> int:
    """Return a span in milliseconds, at least one: Redis knows no shorter life."""
    return max(1, round(span / timedelta(milliseconds=1)))
