"""How long a response asks us to wait."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ayrshare.replies import stated_wait

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "Mon, 02 Nov 2026 09:00:30 GMT"}, 30),
        ({"Retry-After": "Mon, 02 Nov 2026 08:00:00 GMT"}, 0),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "0", "x-ratelimit-reset": "9000"}, 0),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "Mon, 02 Nov 2026 09:00:30 +99999999999999"}, None),
        ({"Retry-After": "a while"}, None),
        ({"Retry-After": "9" * 14}, None),
        ({"Retry-After": "7", "x-ratelimit-reset": "9000"}, 7),
        ({"Retry-After": "soon", "x-ratelimit-reset": "9000"}, 9),
        ({"Retry-After": "99999"}, 300),
        ({"Retry-After": "Mon, 02 Nov 2099 09:00:30 GMT"}, 300),
        ({"x-ratelimit-reset": "240000"}, 240),
        ({"x-ratelimit-reset": str(10**12 * 4)}, 300),
        ({"x-ratelimit-reset": str(int(NOW.timestamp() * 1_000) + 2_000)}, 2),
        ({"x-ratelimit-reset": str(int(NOW.timestamp() * 1_000) - 2_000)}, 0),
    ],
)
def test_a_wait_is_read_from_either_header(headers: dict[str, str], seconds: int | None) -> None:
    wait = stated_wait(headers, now=NOW)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(), st.text(alphabet="0123456789", max_size=30))
def test_no_header_makes_it_fail(words: str, digits: str) -> None:
    for value in (words, digits):
        wait = stated_wait({"Retry-After": value, "x-ratelimit-reset": value}, now=NOW)
        assert wait is None or wait >= timedelta(0)
