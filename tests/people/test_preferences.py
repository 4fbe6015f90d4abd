"""A person is not messaged unasked at night, by the clock of their own time zone."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.people.preferences import next_daytime
from tests.commands import ROOT

BERLIN, NEW_YORK, KATHMANDU = "Europe/Berlin", "America/New_York", "Asia/Kathmandu"
ZONES = (BERLIN, NEW_YORK, KATHMANDU, "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Kiritimati", "UTC", "")
FIRST, LAST = (datetime(year, 1, 1) for year in (2024, 2036))  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def local(zone: str, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]  # a date and time in numbers


@pytest.mark.parametrize("at", [(2026, 3, 2, 8), (2026, 3, 2, 12, 30), (2026, 3, 2, 19, 59, 59)])
def test_by_day_the_moment_stays(at: tuple[int, ...]) -> None:
    assert next_daytime(local(BERLIN, *at), zone=BERLIN) == local(BERLIN, *at)


def test_in_the_evening_it_waits_for_the_next_morning() -> None:
    assert next_daytime(local(BERLIN, 2026, 3, 2, 20), zone=BERLIN) == local(BERLIN, 2026, 3, 3, 8)


def test_before_the_morning_it_waits_for_this_one() -> None:
    assert next_daytime(local(BERLIN, 2026, 3, 2, 7, 59), zone=BERLIN) == local(BERLIN, 2026, 3, 2, 8)


def test_it_is_the_persons_own_evening_that_counts() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert next_daytime(noon, zone=NEW_YORK) == local(NEW_YORK, 2026, 3, 2, 8)
    assert next_daytime(noon, zone="Asia/Tokyo") == local("Asia/Tokyo", 2026, 3, 3, 8)
    assert next_daytime(noon, zone=KATHMANDU) == noon


def test_the_night_in_which_clocks_go_forward_ends_at_eight_by_the_new_time() -> None:
    eve = local(BERLIN, 2026, 3, 28, 22)
    assert next_daytime(eve, zone=BERLIN) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert next_daytime(eve, zone=BERLIN) - eve == timedelta(hours=9)


def test_the_night_in_which_clocks_go_back_ends_at_eight_by_the_new_time() -> None:
    eve = local(NEW_YORK, 2026, 10, 31, 22)
    assert next_daytime(eve, zone=NEW_YORK) == datetime(2026, 11, 1, 13, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "America", "../etc/passwd", "Europe/Berlin\0", "Ü" * 300])
def test_an_unknown_zone_counts_as_utc(zone: str) -> None:
    assert next_daytime(datetime(2026, 3, 2, 21, tzinfo=UTC), zone=zone) == datetime(2026, 3, 3, 8, tzinfo=UTC)


@given(moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_it_is_never_earlier_never_by_night_and_waits_no_longer_than_a_night(moment: datetime, zone: str) -> None:
    day = next_daytime(moment, zone=zone)
    there = day.astimezone(ZoneInfo(zone or "UTC"))
    assert moment <= day <= moment + timedelta(hours=13)
    assert 8 <= there.hour < 20
    assert day == moment or (there.hour, there.minute, there.second, there.microsecond) == (8, 0, 0, 0)


@given(moment=MOMENTS, zone=st.text(max_size=40))
def test_no_zone_name_makes_it_fail(moment: datetime, zone: str) -> None:
    assert next_daytime(moment, zone=zone) >= moment


def test_time_zones_are_known_on_a_machine_that_has_none() -> None:
    code = "from bot.people.preferences import zone_of; print(zone_of('Europe/Berlin'))"
    bare = {"PYTHONTZPATH": "", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], env=bare, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "Europe/Berlin"
