"""How often and how long a call is tried, counted at the server."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.ayrshare.client import AyrshareClient
from bot.ayrshare.errors import (
    AuthFailed,
    AyrshareError,
    BadPrivateKey,
    BadRequest,
    NotInPlan,
    ProfileGone,
    RateLimited,
    Unavailable,
)
from bot.ayrshare.jwt_links import JwtLinks
from bot.ayrshare.model import Profile
from bot.ayrshare.transport import CallTimings
from tests.ayrshare.canned import Canned
from tests.ayrshare.conftest import QUICK, client_of, links_of
from tests.clock import ManualClock
from tests.sandbox.ayrshare.serving import Served

TRANSIENT = ["error_500", "error_502", "error_503", "error_504", "drop_connection", "timeout"]
PERMANENT: dict[str, type[AyrshareError]] = {
    "bad_api_key": AuthFailed,
    "plan": NotInPlan,
    "profile_gone": ProfileGone,
    "bad_key": BadPrivateKey,
    "status_error": BadRequest,
    "truncated": Unavailable,
    "empty": Unavailable,
}


def asked(ayrshare: Served) -> int:
    return len(ayrshare.local.calls.since())


async def test_a_fault_that_passes_within_two_retries_is_not_noticed(
    ayrshare: Served, client: AyrshareClient, links: JwtLinks, jane: Profile
) -> None:
    for number, kind in enumerate(TRANSIENT, start=1):
        ayrshare.local.faults.add(kind, times=2, ms=20)
        await links.mint(jane)
        ayrshare.local.faults.add(kind, times=2, ms=20)
        await client.accounts(jane.key)
        assert asked(ayrshare) == 6 * number, kind


async def test_after_two_retries_ayrshare_is_unavailable(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    for number, kind in enumerate(TRANSIENT, start=1):
        ayrshare.local.faults.add(kind, times=3, ms=20)
        with pytest.raises(Unavailable):
            await links.mint(jane)
        assert asked(ayrshare) == 3 * number, kind


async def test_a_fault_that_does_not_pass_is_tried_once(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    for number, (kind, error) in enumerate(PERMANENT.items(), start=1):
        ayrshare.local.faults.add(kind)
        with pytest.raises(error):
            await links.mint(jane)
        assert asked(ayrshare) == number, kind


async def test_nobody_listening_is_unavailable(session: aiohttp.ClientSession, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    client = AyrshareClient(session, api_key=SecretStr("k"), base_url=url, clock=ManualClock(), timings=QUICK)
    with pytest.raises(Unavailable) as failed:
        await client.profiles()
    assert failed.value.http_status is None


async def test_a_short_wait_is_kept_once(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    ayrshare.local.faults.add("rate_limited", ms=1_000)
    loop = asyncio.get_running_loop()
    before = loop.time()
    await links.mint(jane)
    assert loop.time() - before >= 1
    assert asked(ayrshare) == 2


async def test_a_second_rate_limit_is_final(canned: Canned, session: aiohttp.ClientSession) -> None:
    key = SecretStr("k")
    client = AyrshareClient(session, api_key=key, base_url=canned.url, clock=ManualClock(), timings=QUICK)
    canned.answers = [web.Response(status=429, headers={"Retry-After": "0"}) for _ in range(3)]
    with pytest.raises(RateLimited):
        await client.profiles()
    assert len(canned.requests) == 2


async def test_a_wait_longer_than_the_limit_fails_at_once(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    ayrshare.local.faults.add("rate_limited", ms=60_000)
    with pytest.raises(RateLimited) as limited:
        await asyncio.wait_for(links.mint(jane), 1)
    assert limited.value.retry_after == timedelta(minutes=1)
    assert asked(ayrshare) == 1


async def test_a_wait_of_unknown_length_is_not_guessed(ayrshare: Served, links: JwtLinks, jane: Profile) -> None:
    ayrshare.local.faults.add("rate_limited")
    with pytest.raises(RateLimited) as limited:
        await links.mint(jane)
    assert (limited.value.retry_after, asked(ayrshare)) == (None, 1)


async def test_the_real_limit_says_when_the_window_ends(
    ayrshare: Served, client: AyrshareClient, jane: Profile
) -> None:
    for _ in range(300):
        await client.accounts(jane.key)
    await ayrshare.clock.advance(timedelta(minutes=2))
    with pytest.raises(RateLimited) as limited:
        await client.accounts(jane.key)
    assert limited.value.retry_after == timedelta(minutes=3)
    assert asked(ayrshare) == 301


async def test_an_attempt_that_takes_too_long_is_retried(
    ayrshare: Served, session: aiohttp.ClientSession, jane: Profile
) -> None:
    timings = CallTimings(attempt=timedelta(milliseconds=500), pause=timedelta(milliseconds=5))
    ayrshare.local.faults.add("timeout")
    await links_of(ayrshare, client_of(ayrshare, session, timings=timings)).mint(jane)
    assert asked(ayrshare) == 2


async def test_all_attempts_together_are_limited(
    ayrshare: Served, session: aiohttp.ClientSession, jane: Profile
) -> None:
    timings = CallTimings(total=timedelta(milliseconds=200))
    ayrshare.local.faults.add("timeout", times=None)
    with pytest.raises(Unavailable):
        await asyncio.wait_for(client_of(ayrshare, session, timings=timings).accounts(jane.key), 2)
    assert asked(ayrshare) == 1


async def test_a_cancelled_call_ends_at_once(ayrshare: Served, client: AyrshareClient, jane: Profile) -> None:
    ayrshare.local.faults.add("timeout", times=None)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.accounts(jane.key), 0.1)
    assert asked(ayrshare) == 1
