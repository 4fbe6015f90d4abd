"""The bot's time is right where the machine's is set wrong, or is set forth and back."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import aiohttp
import pytest

from bot.app import running_bot
from bot.ayrshare.links import link_deadline
from bot.ayrshare.replies import LinkReply
from bot.core.clock import SystemClock, ahead
from bot.settings import Settings
from sandbox.server import Sandbox
from tests.cli.examined import map_ben
from tests.eventually import eventually
from tests.fuzz.world import environment as bot_environment
from tests.redis_probe import TEAM
from tests.users import Someone

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
QUICK = 100 * timedelta(milliseconds=1)


def header(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


ODD_DATES = (
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:10 GMT",
    "Fri, 27 Nov 2026 01:02:03 +99999999999999",
    "Fri, 27 Nov 99999999999 01:02:03 GMT",
)
"""A moment that it can't be now, and what is none."""


def off(clock: SystemClock) -> timedelta:
    return abs(clock.now() - datetime.now(UTC))


class WrongClock(SystemClock):
    """The clock of a machine whose time is set wrong."""

    def __init__(self, by: timedelta) -> None:
        super().__init__()
        self._offset += by.total_seconds()


def test_a_jump_of_the_machines_time_and_back_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, real = SystemClock(), time.time
    before = clock.now()
    for jump in (3600, -3600, 0):
        monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump)
        assert before <= clock.now() <= before + 10 * SECOND


def test_a_clock_that_is_off_is_set_by_two_answers_that_agree() -> None:
    clock = WrongClock(6 * MINUTE)
    clock.hear(header(datetime.now(UTC)), took=QUICK)
    assert off(clock) > 5 * MINUTE
    clock.hear(header(datetime.now(UTC)), took=QUICK)
    assert off(clock) < 2 * SECOND


def test_one_odd_answer_or_two_that_disagree_set_nothing() -> None:
    clock, now = SystemClock(), datetime.now(UTC)
    for moment in (now + HOUR, now, now - HOUR, now + HOUR, now):
        clock.hear(header(moment), took=QUICK)
    for said in ("", "yesterday", "Mon, 99 Nov 2026 09:00:30 GMT", *ODD_DATES):
        clock.hear(said, took=QUICK)
        clock.hear(said, took=QUICK)
    assert off(clock) < 2 * SECOND


def test_an_answer_that_took_long_tells_no_difference() -> None:
    now = datetime.now(UTC)
    assert ahead(header(now - 12 * SECOND), began=now - 15 * SECOND, ended=now) is None


@pytest.mark.parametrize("minutes", [6, -6, 60, -3])
async def test_a_machine_that_is_minutes_off_serves_and_shows_the_true_deadline(
    tmp_path: object, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    async with Sandbox() as sandbox:
        environment = bot_environment(sandbox, tmp_path)  # type: ignore[arg-type] # pytest's own fixture
        await map_ben(environment, sandbox)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        async with running_bot(Settings(), clock=WrongClock(minutes * MINUTE)) as bot:
            sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
            ben = Someone(session, sandbox.url, "ben")

            async def accepted() -> bool:
                return bool((await ben.types())["ok"])

            await eventually(accepted, "a command is accepted")
            deadline = (await ben.sees_a_card()).moments[-1]
        assert abs(deadline - time.time() - 300) < 20


async def test_nothing_that_is_due_later_is_done_before_the_time_is_known_to_be_right(
    tmp_path: object, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Sandbox() as sandbox:
        environment = bot_environment(sandbox, tmp_path)  # type: ignore[arg-type] # pytest's own fixture
        profile = await map_ben(environment, sandbox)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        async with running_bot(Settings()) as bot:
            sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
            await Someone(session, sandbox.url, "ben").types()
            await Someone(session, sandbox.url, "ben").sees_a_card()
        sandbox.slack.faults.add("latency", ms=500, times=1, method="auth.test")
        async with running_bot(Settings(), clock=WrongClock(HOUR)) as bot:
            sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
            dm = Someone(session, sandbox.url, "ben", sandbox.slack.world.dm_of("ben"))

            async def accepted() -> bool:
                return bool((await Someone(session, sandbox.url, "ana").types("send @ben"))["ok"])

            await eventually(accepted, "a command is accepted")
            await dm.sees("asks you to")  # by a job
            assert [card.state.live for card in await bot.deps.cards.live(TEAM, profile.ref_id)] == [True]


ASKED = datetime(2026, 11, 2, 9, tzinfo=UTC)


def deadline(skew: timedelta = timedelta(0), **reply: object) -> timedelta:
    read = LinkReply.model_validate({"url": "https://profile.ayrshare.com"} | reply)
    return link_deadline(read, asked_at=ASKED, minutes=5, skew=skew) - ASKED


@pytest.mark.parametrize("off_by", [6 * MINUTE, -6 * MINUTE, -3 * MINUTE, HOUR])
def test_a_link_lives_as_long_as_ayrshare_means_by_its_own_clock(off_by: timedelta) -> None:
    assert deadline(off_by, expiresAt=(ASKED + off_by + 90 * SECOND).isoformat()) == 90 * SECOND


def test_a_link_that_seems_dead_when_it_is_made_lives_its_time() -> None:
    assert deadline(expiresAt=(ASKED - MINUTE).isoformat()) == 5 * MINUTE
    assert deadline(expiresAt=(ASKED + 90 * SECOND).isoformat()) == 90 * SECOND
