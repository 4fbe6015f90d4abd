"""The rate limit of a profile, and its suspension."""

from datetime import timedelta

import pytest

from sandbox.ayrshare.assumptions import RATE_MAX, RATE_REFUSALS
from tests.sandbox.ayrshare.serving import Served


@pytest.fixture
async def at_limit(ayrshare: Served) -> Served:
    for _ in range(RATE_MAX):
        assert (await ayrshare.call("GET", "/user", key=ayrshare.local.profiles[0].key)).status == 200
    return ayrshare


async def test_responses_have_the_newer_and_the_older_headers(ayrshare: Served) -> None:
    jane = ayrshare.local.profiles[0]
    await ayrshare.call("GET", "/user", key=jane.key)
    await ayrshare.clock.advance(timedelta(minutes=1))
    headers = (await ayrshare.call("GET", "/user", key=jane.key)).headers
    assert (headers["x-ratelimit-max"], headers["x-ratelimit-count"]) == ("300", "2")
    assert (headers["x-ratelimit-remaining"], headers["x-ratelimit-reset"]) == ("298", "240000")


async def test_a_profile_over_its_limit_waits_for_the_next_window_and_no_other_profile_does(at_limit: Served) -> None:
    jane, team = at_limit.local.profiles[:2]
    rejected = await at_limit.generate(jane)
    assert (rejected.status, rejected.headers["x-ratelimit-remaining"]) == (429, "0")
    assert "retry-after" not in rejected.headers
    assert (await at_limit.generate(team)).status == 200
    await at_limit.clock.advance(timedelta(minutes=5))
    assert (await at_limit.generate(jane)).status == 200


async def test_a_thousand_rejected_calls_in_a_day_suspend_the_profile(at_limit: Served) -> None:
    jane = at_limit.local.profiles[0]
    for _ in range(RATE_REFUSALS):
        assert (await at_limit.call("GET", "/user", key=jane.key)).status == 429
    await at_limit.clock.advance(timedelta(days=2))
    assert (await at_limit.call("GET", "/user", key=jane.key)).status == 403
    row = (await at_limit.call("GET", f"/profiles?refId={jane.ref_id}")).body["profiles"][0]
    assert (row["status"], row["suspended"]) == ("suspended", True)
