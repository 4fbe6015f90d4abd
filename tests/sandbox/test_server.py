"""The sandbox as a whole."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock


async def test_the_port_is_free_after_a_stop() -> None:
    async with Sandbox() as first:
        port = int(first.url.rsplit(":", 1)[1])
    async with (
        Sandbox(port=port) as second,
        aiohttp.ClientSession() as session,
        session.get(f"{second.url}/control/world") as response,
    ):
        assert response.status == 200


async def test_a_port_in_use_is_an_error_that_leaves_no_task_running() -> None:
    async with Sandbox() as first:
        tasks = asyncio.all_tasks()
        with pytest.raises(OSError, match="in use"):
            await Sandbox(port=int(first.url.rsplit(":", 1)[1])).__aenter__()
        assert asyncio.all_tasks() == tasks


async def test_the_bots_url_can_be_set_and_changed() -> None:
    sandbox = Sandbox(bot_url="http://127.0.0.1:3000/")
    assert sandbox.slack.bot_url == "http://127.0.0.1:3000"
    sandbox.bot_url = "http://127.0.0.1:3001"
    assert sandbox.slack.bot_url == "http://127.0.0.1:3001"


@pytest.fixture
async def called(sandbox: Sandbox, session: aiohttp.ClientSession, clock: ManualClock) -> Sandbox:
    """A sandbox that received two Web API calls and, between them, one Ayrshare call."""
    client = AsyncWebClient(sandbox.slack.bot_token, base_url=f"{sandbox.url}/slack/api/", session=session)
    headers = {"Authorization": f"Bearer {sandbox.ayrshare.api_key}"}
    await client.users_info(user="U0BEN0001")
    await clock.advance(timedelta(seconds=1))
    async with session.get(f"{sandbox.url}/ayrshare/api/user", headers=headers) as response:
        assert response.status == 200
    await clock.advance(timedelta(seconds=1))
    await client.users_list()
    return sandbox


def names(calls: list[dict[str, object]]) -> list[object]:
    return [call["call"] for call in calls]


async def test_received_calls_of_both_services_are_in_the_order_of_their_time(called: Sandbox) -> None:
    assert names(called.received()) == ["users.info", "GET /user", "users.list"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("users.info", ["users.info"]),
        ("users.*", ["users.info", "users.list"]),
        ("GET *", ["GET /user"]),
        ("user", []),
        ("chat.update", []),
    ],
)
async def test_received_calls_are_selected_by_their_whole_name_or_a_pattern(
    called: Sandbox, pattern: str, expected: list[str]
) -> None:
    assert names(called.received(pattern)) == expected


async def test_received_calls_can_be_limited_to_one_service(called: Sandbox) -> None:
    assert names(called.received(target="slack")) == ["users.info", "users.list"]
    assert names(called.received(target="ayrshare")) == ["GET /user"]
    assert called.received("GET *", target="slack") == []


async def test_received_calls_can_be_limited_to_those_after_an_earlier_call(called: Sandbox) -> None:
    first, second = called.received("users.*")
    assert called.received("users.*", since=first["n"]) == [second]
    assert called.received("users.*", since=second["n"]) == []


async def test_a_received_call_contains_its_arguments_and_its_status(called: Sandbox) -> None:
    [call] = called.received("users.info")
    assert (call["args"], call["ok"], call["status"]) == ({"user": "U0BEN0001"}, True, 200)
