"""Answers longer than 2 MB are refused before they are whole, and no service's wait is obeyed for hours."""

import tracemalloc
from datetime import timedelta

import aiohttp
import pytest

from bot.ayrshare import client as ayrshare
from bot.core.http import LONGEST_ANSWER, LONGEST_WAIT, AnswerTooLong, bounded
from bot.slack import client as slack
from sandbox.server import Sandbox

MEGABYTE = 1024**2


@pytest.mark.parametrize("kind", ["huge_answer", "gzip_bomb"])
@pytest.mark.parametrize("open_session", [slack.open_session, lambda: ayrshare.open_session(1)])
async def test_an_answer_of_hundreds_of_megabytes_takes_a_few(
    sandbox: Sandbox, kind: str, open_session: object
) -> None:
    sandbox.slack.faults.add(kind)
    tracemalloc.start()
    try:
        async with open_session() as session:  # type: ignore[operator] # one of the two above
            with pytest.raises(AnswerTooLong):
                await (await session.get(f"{sandbox.url}/slack/api/auth.test")).json()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5 * LONGEST_ANSWER + 10 * MEGABYTE


async def test_a_short_answer_is_read_and_its_connection_used_again(sandbox: Sandbox) -> None:
    async with slack.open_session() as session:
        for _ in range(3):
            async with session.post(f"{sandbox.url}/slack/api/auth.test") as answer:
                assert (await answer.json()) == {"ok": False, "error": "not_authed"}
                assert await answer.json()
        connector = session.connector
        assert isinstance(connector, aiohttp.TCPConnector)
        assert sum(map(len, connector._conns.values())) == 1


@pytest.mark.parametrize("asked", [timedelta(seconds=299), timedelta(days=40)])
def test_a_wait_is_minutes_at_most(asked: timedelta) -> None:
    assert bounded(asked, service="slack") == min(asked, LONGEST_WAIT)
