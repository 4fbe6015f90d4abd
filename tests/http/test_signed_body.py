"""Requests whose signature doesn't fit: 401, counted by reason, and an operator is told what to do, once."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from bot.app import Bot
from sandbox.server import Sandbox
from tests.canaries import Lines
from tests.core.test_metrics import figures
from tests.signed_requests import signed_headers

FORM = "application/x-www-form-urlencoded"
BODY = b"command=%2Fconnect&text=help&team_id=T0CONNECT&user_id=U0DAN0001"
Posts = Callable[..., Awaitable[int]]


@pytest.fixture
def posts(bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession) -> Posts:
    async def posts(*, secret: str = "", late: int = 0, **headers: str) -> int:
        signed = signed_headers(secret or sandbox.slack.signing_secret, BODY, kind=FORM, late=late)
        sent = signed | {name.replace("_", "-"): value for name, value in headers.items()}
        async with session.post(f"{sandbox.bot_url}/slack/events", data=BODY, headers=sent) as answer:
            return answer.status

    return posts


def warnings(lines: Lines) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in lines.lines if '"requests_refused"' in line]
    return [event for event in events if event["level"] == "warning"]


async def refused(bot: Bot, session: aiohttp.ClientSession, reason: str) -> float:
    name = f'connectbot_http_refused_total{{reason="{reason}",sender="Slack"}} '
    text = (await figures(bot, session))[1]
    return next((float(line.removeprefix(name)) for line in text.splitlines() if line.startswith(name)), 0.0)


async def test_a_right_signature_that_is_old_is_said_once_with_its_age(
    posts: Posts, bot: Bot, session: aiohttp.ClientSession, log_lines: Lines
) -> None:
    assert [await posts(late=400) for _ in range(5)] == [401] * 5
    assert await refused(bot, session, "too_old") == 5
    (warning,) = warnings(log_lines)
    assert (warning["reason"], warning["sender"]) == ("too_old", "Slack")
    assert 399 <= warning["age_seconds"] <= 403
    assert "clock" in warning["hint"]


async def test_a_clock_that_is_behind_is_said_with_a_negative_age(posts: Posts, log_lines: Lines) -> None:
    assert await posts(late=-400) == 401
    assert -402 <= warnings(log_lines)[0]["age_seconds"] <= -398


async def test_a_wrong_secret_is_said_once(
    posts: Posts, bot: Bot, session: aiohttp.ClientSession, log_lines: Lines
) -> None:
    assert [await posts(secret="another") for _ in range(5)] == [401] * 5
    assert await refused(bot, session, "wrong_signature") == 5
    (warning,) = warnings(log_lines)
    assert warning["reason"] == "wrong_signature"
    assert "secret" in warning["hint"]


async def test_what_a_stranger_sends_is_only_counted(
    posts: Posts, bot: Bot, session: aiohttp.ClientSession, log_lines: Lines
) -> None:
    for headers in ({"X_Slack_Signature": "v0=1"}, {"X_Slack_Request_Timestamp": "now"}):
        assert await posts(**headers) == 401
    assert await posts(secret="another", late=10**6) == 401
    assert await refused(bot, session, "not_signed") == 2
    assert await refused(bot, session, "stale") == 1
    assert warnings(log_lines) == []


async def test_reasons_are_told_apart_from_each_other(posts: Posts, log_lines: Lines) -> None:
    await posts(secret="another")
    await posts(late=400)
    assert {warning["reason"] for warning in warnings(log_lines)} == {"wrong_signature", "too_old"}
