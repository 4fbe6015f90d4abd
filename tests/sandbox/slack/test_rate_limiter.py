"""Rate limits, and how stock retry handlers deal with them."""

from datetime import datetime, timedelta

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import Sandbox
from tests.clock import ManualClock
from tests.sandbox.control_client import ControlClient


async def test_a_channel_accepts_one_post_a_second(client: AsyncWebClient, clock: ManualClock) -> None:
    await client.chat_postMessage(channel="C0GENERAL", text="1")
    await client.chat_postMessage(channel="D0BEN0001", text="elsewhere")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0GENERAL", text="2")
    response = caught.value.response
    assert (response.status_code, response["error"], response.headers["Retry-After"]) == (429, "ratelimited", "1")
    await clock.advance(timedelta(seconds=1))
    assert (await client.chat_postMessage(channel="C0GENERAL", text="2"))["ok"]


async def test_each_method_has_its_own_limit(client: AsyncWebClient, clock: ManualClock) -> None:
    for _ in range(20):
        await client.usergroups_list()
    await clock.advance(timedelta(seconds=20))
    with pytest.raises(SlackApiError) as caught:
        await client.usergroups_list()
    assert caught.value.response.headers["Retry-After"] == "40"
    assert (await client.users_list())["ok"]
    await clock.advance(timedelta(seconds=40))
    assert (await client.usergroups_list())["ok"]


async def test_limits_can_be_switched_off(sandbox: Sandbox, client: AsyncWebClient) -> None:
    sandbox.slack.rate_limits = False
    for _ in range(21):
        assert (await client.usergroups_list())["ok"]


async def test_a_retry_handler_waits_and_succeeds(sandbox: Sandbox, client: AsyncWebClient) -> None:
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    sandbox.slack.faults.add("ratelimited")
    assert (await client.users_info(user="U0ANA0001"))["ok"]
    assert [call["status"] for call in sandbox.received("users.info")] == [429, 200]


async def test_the_window_of_a_limit_slides(sandbox: Sandbox, client: AsyncWebClient, clock: ManualClock) -> None:
    """After half of the window has passed, the second half of the calls still counts."""
    ts = (await client.chat_postMessage(channel="D0BEN0001", text="card"))["ts"]
    for number in range(50):
        await client.chat_update(channel="D0BEN0001", ts=ts, text=f"{number}")
        await clock.advance(timedelta(seconds=1 if number >= 25 else 0))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_update(channel="D0BEN0001", ts=ts, text="too many")
    assert caught.value.response.headers["Retry-After"] == "35"
    await clock.advance(timedelta(seconds=35))
    for number in range(26):
        assert (await client.chat_update(channel="D0BEN0001", ts=ts, text=f"again {number}"))["ok"]
    with pytest.raises(SlackApiError):
        await client.chat_update(channel="D0BEN0001", ts=ts, text="too many again")


@pytest.mark.parametrize(
    ("method", "body", "most"),
    [
        ("usergroups.users.list", {"usergroup": "S0SOCIAL1"}, 20),
        ("conversations.open", {"users": "U0BEN0001"}, 50),
        ("conversations.history", {"channel": "D0BEN0001"}, 50),
        ("users.info", {"user": "U0BEN0001"}, 100),
    ],
)
async def test_each_tier_has_its_limit(
    sandbox: Sandbox, client: AsyncWebClient, method: str, body: dict[str, str], most: int
) -> None:
    for _ in range(most):
        assert (await client.api_call(method, json=body))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await client.api_call(method, json=body)
    assert (caught.value.response["error"], caught.value.response.headers["Retry-After"]) == ("ratelimited", "60")


async def test_a_workspace_accepts_several_hundred_posts_a_minute(
    control: ControlClient, client: AsyncWebClient
) -> None:
    people = (await control.post("people", count=301))["users"]
    for user in people[:300]:
        await client.chat_postMessage(channel=user, text="hello")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=people[300], text="one too many")
    assert caught.value.response.headers["Retry-After"] == "60"


async def test_rate_limits_are_shown_in_the_calls(
    control: ControlClient, client: AsyncWebClient, clock: ManualClock
) -> None:
    await client.chat_postMessage(channel="U0BEN0001", text="1")
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="U0BEN0001", text="2")
    await clock.advance(timedelta(milliseconds=1500))
    await client.chat_postMessage(channel="U0BEN0001", text="2")
    rows = await control.get("calls", target="slack")
    assert [(row["call"], row["status"], row.get("retry_after")) for row in rows] == [
        ("chat.postMessage", 200, None),
        ("chat.postMessage", 429, 1),
        ("chat.postMessage", 200, None),
    ]
    first, _, last = (datetime.fromisoformat(row["at"]) for row in rows)
    assert (last - first, last) == (timedelta(seconds=1.5), clock.now())
