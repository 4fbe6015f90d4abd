"""The rate limit and its penalty."""

from datetime import timedelta

import pytest

from sandbox.ayrshare.assumptions import RATE_MAX, RATE_REFUSALS
from tests.sandbox.ayrshare.serving import Served


@pytest.fixture
async def worn(ayrshare: Served) -> Served:
    for _ in range(RATE_MAX):
        assert (await ayrshare.ask("GET", "/user", key=ayrshare.local.profiles[0].key)).status == 200
    return ayrshare


async def test_answers_carry_the_newer_and_the_older_headers(ayrshare: Served) -> None:
    jane = ayrshare.local.profiles[0]
    await ayrshare.ask("GET", "/user", key=jane.key)
    ayrshare.clock.advance(timedelta(minutes=1))
    headers = (await ayrshare.ask("GET", "/user", key=jane.key)).headers
    assert (headers["x-ratelimit-max"], headers["x-ratelimit-count"]) == ("300", "2")
    assert (headers["x-ratelimit-remaining"], headers["x-ratelimit-reset"]) == ("298", "240000")


async def test_a_profile_over_its_limit_waits_for_the_next_window_and_no_other_profile_does(worn: Served) -> None:
    jane, team = worn.local.profiles[:2]
    refused = await worn.generate(jane)
    assert (refused.status, refused.headers["x-ratelimit-remaining"]) == (429, "0")
    assert "retry-after" not in refused.headers
    assert (await worn.generate(team)).status == 200
    worn.clock.advance(timedelta(minutes=5))
    assert (await worn.generate(jane)).status == 200


async def test_a_thousand_refusals_in_a_day_suspend_the_profile(worn: Served) -> None:
    jane = worn.local.profiles[0]
    for _ in range(RATE_REFUSALS):
        assert (await worn.ask("GET", "/user", key=jane.key)).status == 429
    worn.clock.advance(timedelta(days=2))
    assert (await worn.ask("GET", "/user", key=jane.key)).status == 403
    row = (await worn.ask("GET", f"/profiles?refId={jane.ref_id}")).body["profiles"][0]
    assert (row["status"], row["suspended"]) == ("suspended", True)
