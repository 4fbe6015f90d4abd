"""The faults of the Web API and of `response_url`s."""

import time

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.sandbox.control_client import ControlClient
from tests.sandbox.fake_app import FakeApp
from tests.sandbox.slack.conftest import Post


async def test_a_server_error_is_an_html_page(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.faults.add("error_500")
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.status_code == 500
    assert (await client.auth_test())["ok"]


async def test_an_internal_error_is_a_200_with_an_error(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.faults.add("internal_error")
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    response = caught.value.response
    assert (response.status_code, response["error"]) == (200, "internal_error")


async def test_retry_after_can_be_chosen(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.faults.add("ratelimited", ms=7001)
    with pytest.raises(SlackApiError) as caught:
        await client.auth_test()
    assert caught.value.response.headers["Retry-After"] == "8"


async def test_latency_delays_the_response(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.faults.add("latency", ms=80)
    started = time.monotonic()
    assert (await client.auth_test())["ok"]
    assert time.monotonic() - started >= 0.08


@pytest.mark.parametrize("kind", ["drop_connection", "timeout"])
async def test_a_connection_can_be_dropped(sandbox: Sandbox, session: aiohttp.ClientSession, kind: str) -> None:
    sandbox.slack.faults.add(kind, ms=20)
    url = f"{sandbox.url}/slack/api/auth.test"
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await session.post(url, data={"token": sandbox.slack.bot_token})
    async with session.post(url, data={"token": sandbox.slack.bot_token}) as response:
        assert (await response.json())["ok"]


async def test_a_message_is_posted_although_its_response_is_lost(
    control: ControlClient, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    client.retry_handlers.clear()
    assert (await control.post("fault", target="slack", kind="lost_answer"))["ok"]
    assert (await client.auth_test())["ok"]
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.chat_postMessage(channel="U0BEN0001", text="made")
    assert await control.texts("ben", "D0BEN0001") == ["made"]
    rows = await control.get("calls", target="slack")
    assert [(row["call"], row["ok"], row["status"]) for row in rows] == [
        ("auth.test", True, 200),
        ("chat.postMessage", True, 0),
    ]
    assert (await client.chat_postMessage(channel="U0ANA0001", text="answered"))["ok"]


async def test_a_stock_client_posts_twice_when_a_response_is_lost(
    sandbox: Sandbox, control: ControlClient, client: AsyncWebClient
) -> None:
    sandbox.slack.rate_limits = False
    sandbox.slack.faults.add("lost_answer")
    assert (await client.chat_postMessage(channel="U0BEN0001", text="made"))["ok"]
    assert await control.texts("ben", "D0BEN0001") == ["made", "made"]


async def test_the_response_of_a_rejected_post_is_not_lost(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.faults.add("lost_answer")
    with pytest.raises(SlackApiError, match="user_disabled"):
        await client.chat_postMessage(channel="U0LEO0001", text="lost")
    assert sandbox.slack.faults.take("lost_answer", method="chat.postMessage")


@pytest.mark.parametrize("kind", ["ratelimited", "error_500", "internal_error"])
async def test_a_fault_can_apply_to_one_method(control: ControlClient, client: AsyncWebClient, kind: str) -> None:
    await control.post("fault", target="slack", kind=kind, method="chat.postMessage", ms=3000)
    assert (await client.users_info(user="U0BEN0001"))["ok"]
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="U0BEN0001", text="hello")
    assert (await client.chat_postMessage(channel="U0BEN0001", text="hello"))["ok"]


async def test_a_dropped_connection_has_the_status_0(
    sandbox: Sandbox, control: ControlClient, session: aiohttp.ClientSession
) -> None:
    sandbox.slack.faults.add("drop_connection")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await session.post(f"{sandbox.url}/slack/api/auth.test")
    [row] = await control.get("calls", target="slack")
    assert (row["ok"], row["status"]) == (False, 0)


@pytest.mark.parametrize(("kind", "status"), [("response_url_expired", 404), ("error_500", 500), ("ratelimited", 429)])
async def test_a_response_url_can_fail(
    sandbox: Sandbox, control: ControlClient, fake_app: FakeApp, post_json: Post, kind: str, status: int
) -> None:
    await control.command()
    url = fake_app.last.form["response_url"]
    await control.post("fault", target="slack", kind=kind)
    assert (await post_json(url, text="lost"))[0] == status
    assert (await post_json(url, text="arrives"))[0] == 200
    assert await control.texts() == ["arrives"]
