"""The moment of a reminder: by the recipient's own clock, also across a change to or from summer time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.invitations.model import Postponement
from bot.invitations.respond import postponed_until

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("postponement", "now", "zone", "then"),
    [
        (Postponement.HOUR, "2026-03-10T10:30:00+01:00", "Europe/Berlin", "2026-03-10T11:30:00+01:00"),
        (Postponement.TOMORROW, "2026-03-10T10:30:00+01:00", "Europe/Berlin", "2026-03-11T09:00:00+01:00"),
        (Postponement.WEEK, "2026-03-10T10:30:00+01:00", "Europe/Berlin", "2026-03-17T09:00:00+01:00"),
        # where they are, it is the next day already
        (Postponement.TOMORROW, "2026-03-10T20:00:00+00:00", "Asia/Tokyo", "2026-03-12T09:00:00+09:00"),
        # clocks go forward in the night to 29 March and back in the night to 25 October
        (Postponement.TOMORROW, "2026-03-28T12:00:00+01:00", "Europe/Berlin", "2026-03-29T09:00:00+02:00"),
        (Postponement.WEEK, "2026-03-28T12:00:00+01:00", "Europe/Berlin", "2026-04-04T09:00:00+02:00"),
        (Postponement.TOMORROW, "2026-10-24T12:00:00+02:00", "Europe/Berlin", "2026-10-25T09:00:00+01:00"),
        (Postponement.HOUR, "2026-10-25T02:30:00+02:00", "Europe/Berlin", "2026-10-25T02:30:00+01:00"),
        (Postponement.TOMORROW, "2026-03-10T10:30:00+00:00", "", "2026-03-11T09:00:00+00:00"),
        (Postponement.TOMORROW, "2026-03-10T10:30:00+00:00", "Mars/Olympus", "2026-03-11T09:00:00+00:00"),
        (Postponement.TOMORROW, "2026-03-10T10:30:00+00:00", "../../etc/passwd", "2026-03-11T09:00:00+00:00"),
    ],
)
def test_a_reminder_comes_at_the_chosen_moment(postponement: Postponement, now: str, zone: str, then: str) -> None:
    assert postponed_until(postponement, now=at(now), zone=zone) == at(then)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
    st.sampled_from(ZONES),
    st.sampled_from(Postponement),
)
def test_a_reminder_is_always_ahead_and_within_eight_days(now: datetime, zone: str, postponement: Postponement) -> None:
    then = postponed_until(postponement, now=now, zone=zone)
    assert now < then <= now + timedelta(days=8)
    assert then.utcoffset() == timedelta(0)
