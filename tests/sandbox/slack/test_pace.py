"""Rate limits, and what stock retry handlers make of them."""

from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock


async def test_a_channel_takes_one_post_a_second(client: AsyncWebClient, clock: ManualClock) -> None:
    await client.chat_postMessage(channel="C0GENERAL", text="1")
    await client.chat_postMessage(channel="D0BEN0001", text="elsewhere")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0GENERAL", text="2")
    answer = caught.value.response
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    clock.advance(timedelta(seconds=1))
    assert (await client.chat_postMessage(channel="C0GENERAL", text="2"))["ok"]


async def test_a_method_is_limited_by_its_tier_and_alone(client: AsyncWebClient, clock: ManualClock) -> None:
    for _ in range(20):
        await client.usergroups_list()
    clock.advance(timedelta(seconds=20))
    with pytest.raises(SlackApiError) as caught:
        await client.usergroups_list()
    assert caught.value.response.headers["Retry-After"] == "40"
    assert (await client.users_list())["ok"]
    clock.advance(timedelta(seconds=40))
    assert (await client.usergroups_list())["ok"]


async def test_limits_can_be_switched_off(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.rate_limits = False
    for _ in range(21):
        assert (await client.usergroups_list())["ok"]


async def test_a_retry_handler_waits_and_succeeds(sandbox: Sandbox, client: AsyncWebClient) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    sandbox.slack.faults.add("ratelimited")
    assert (await client.users_info(user="U0ANA0001"))["ok"]
    assert [call["status"] for call in sandbox.slack.calls.since()] == [429, 200]
