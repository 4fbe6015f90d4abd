"""The faults of the local Ayrshare; each applies once."""

import asyncio
import json

import aiohttp
import pytest

from tests.sandbox.ayrshare.serving import Served, wait_until


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("bad_api_key", 403, 102),
        ("profile_gone", 403, None),
        ("plan", 402, None),
        ("bad_key", 400, 189),
        ("rate_limited", 429, None),
        ("status_error", 200, None),
    ],
)
async def test_a_fault_is_an_error_response_once(ayrshare: Served, kind: str, status: int, code: int | None) -> None:
    ayrshare.local.faults.add(kind)
    reply = await ayrshare.generate()
    assert (reply.status, reply.body["status"], reply.body.get("code")) == (status, "error", code)
    assert (await ayrshare.generate()).body["status"] == "success"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_a_page_of_html(ayrshare: Served, status: int) -> None:
    ayrshare.local.faults.add(f"error_{status}")
    reply = await ayrshare.generate()
    assert (reply.status, reply.headers["content-type"]) == (status, "text/html; charset=utf-8")


async def test_a_rate_limit_may_have_a_retry_after(ayrshare: Served) -> None:
    ayrshare.local.faults.add("rate_limited", ms=1_500)
    assert (await ayrshare.generate()).headers["retry-after"] == "2"


async def test_a_truncated_response_is_not_json(ayrshare: Served) -> None:
    ayrshare.local.faults.add("truncated")
    with pytest.raises(json.JSONDecodeError):
        await ayrshare.generate()


async def test_an_empty_response_is_a_200(ayrshare: Served) -> None:
    ayrshare.local.faults.add("empty")
    reply = await ayrshare.generate()
    assert (reply.status, reply.text) == (200, "")


async def test_a_dropped_connection_has_no_response_and_no_effect(ayrshare: Served) -> None:
    ayrshare.local.faults.add("drop_connection")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ayrshare.call("POST", "/profiles", {"title": "Hooli"})
    assert len(ayrshare.local.profiles) == 4


async def test_latency_delays_the_response(ayrshare: Served) -> None:
    ayrshare.local.faults.add("latency", ms=120)
    loop = asyncio.get_running_loop()
    started = loop.time()
    assert (await ayrshare.generate()).status == 200
    assert loop.time() - started >= 0.12


async def test_a_timeout_lasts_its_time_or_until_the_client_disconnects(ayrshare: Served) -> None:
    ayrshare.local.faults.add("timeout", ms=100)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ayrshare.call("POST", "/profiles", {"title": "Hooli"})
    ayrshare.local.faults.add("timeout")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ayrshare.generate(), 0.1)
    await wait_until(lambda: "status" in ayrshare.received()[-1], "the call of the disconnected client has ended")


async def test_faults_do_not_apply_to_the_page(ayrshare: Served) -> None:
    url = await ayrshare.link()
    ayrshare.local.faults.add("error_500", times=None)
    async with ayrshare.http.get(url) as page:
        assert page.status == 200
