"""Slack's words for a refusal, each mapped to its class."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bot.core.metrics import Availability, Metrics
from bot.core.model import TeamId
from bot.slack.client import OneClient, open_session, web_client
from bot.slack.errors import (
    DirectoryClosed,
    MessageGone,
    MessagesTabDisabled,
    ModalGone,
    ModalNotUpdated,
    PersonNotVisible,
    RecipientDeactivated,
    RecipientUnreachable,
    ScopeMissing,
    SlackAway,
    SlackError,
    SlackRateLimited,
    TokenRejected,
)
from bot.slack.people import SlackPages
from bot.slack.words import slack_error


@pytest.mark.parametrize(
    ("reason", "kind", "retryable"),
    [
        ("internal_error", SlackAway, True),
        ("ratelimited", SlackRateLimited, True),
        ("token_revoked", TokenRejected, True),
        ("missing_scope", ScopeMissing, True),
        ("message_not_found", MessageGone, False),
        ("user_disabled", RecipientDeactivated, False),
        ("not_found", ModalGone, False),
        ("user_not_visible", PersonNotVisible, False),
        ("cannot_dm_bot", RecipientUnreachable, False),
        ("messages_tab_disabled", MessagesTabDisabled, True),
        ("invalid_blocks", SlackError, True),
    ],
)
def test_a_word_of_slacks_is_one_failure(reason: str, kind: type[SlackError], *, retryable: bool) -> None:
    error = slack_error(reason, retry_after=timedelta(seconds=7))
    assert type(error) is kind
    assert (error.reason, error.retry_after, error.retryable) == (reason, timedelta(seconds=7), retryable)
    assert ModalNotUpdated(error).retryable is retryable


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("missing_scope", "SLACK_BOT_TOKEN lacks the scope users:read."),
        ("invalid_auth", "Slack doesn't accept SLACK_BOT_TOKEN (invalid_auth)."),
        ("ratelimited", "Slack can't be asked just now (ratelimited)."),
        ("internal_error", "Slack can't be asked just now (internal_error)."),
    ],
)
def test_a_directory_that_is_closed_says_who_can_open_it(reason: str, said: str) -> None:
    assert said in DirectoryClosed(slack_error(reason)).sentence


async def test_an_answer_with_the_status_0_is_none_of_slacks() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 000 X\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server, open_session() as session:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
        client = web_client(session, token=SecretStr("xoxb-canary"), api_url=url)
        pages = SlackPages(OneClient(client), Availability("slack", Metrics()))
        with pytest.raises(SlackAway):
            await pages.page(TeamId("T0CONNECT"), {TeamId("T0CONNECT")}, "")
