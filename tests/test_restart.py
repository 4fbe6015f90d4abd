"""What is due later: a process is killed, stopped or joined by others, and each card still reaches its end, once."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.app import Bot, running_bot, running_worker
from bot.scheduling.queue import JOB_LEASE
from bot.settings import Settings
from bot.slack.actions import NEW_LINK, OPEN_LINK, RECONNECT
from sandbox.server import Sandbox
from tests import key_leaks
from tests.clock import ManualClock
from tests.commands import bot_process, worker_process
from tests.eventually import eventually
from tests.modals import sees_at_home, sees_modal
from tests.outliving_redis import outliving_redis
from tests.redis_probe import idle
from tests.test_process import port
from tests.time_travel import QUICK, nothing_is_drawn, woken
from tests.users import OPENED, Someone

__all__ = ["port"]
MINUTE = timedelta(minutes=1)
NAMES = ("ana", "ben", "cara", "dan")
Start = Callable[[], AbstractAsyncContextManager[Bot]]


@pytest.fixture
async def environment(environment: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """A bot's settings with a Redis that outlives it, where each person has a profile."""
    async with outliving_redis(environment, sandbox, tmp_path, *NAMES) as settings:
        yield settings


@pytest.fixture
def settings(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Settings:
    with monkeypatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return Settings()


@pytest.fixture
def start(settings: Settings, sandbox: Sandbox, clock: ManualClock) -> Start:
    """Start a bot in this process, which hears of what people do from then on."""

    @asynccontextmanager
    async def start() -> AsyncIterator[Bot]:
        real = max(datetime.now(UTC), clock.now())  # processes before it had the real time
        clock.jump(real + JOB_LEASE - clock.now())  # and may have been killed with a job in hand
        async with running_bot(settings, clock=clock, worker_timings=QUICK) as bot, woken(bot, clock):
            sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
            yield bot
            await key_leaks.check(bot)

    return start


@pytest.fixture
def ben(session: aiohttp.ClientSession, sandbox: Sandbox, port: int) -> Someone:
    sandbox.bot_url = f"http://127.0.0.1:{port}"
    return Someone(session, sandbox.url, "ben")


async def opened(who: Someone) -> None:
    await who.types()
    await who.clicks(await who.sees_a_card(), OPEN_LINK.label)
    await who.sees(OPENED)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_what_a_bot_leaves_behind_is_counted_down_by_the_next(
    environment: dict[str, str], ben: Someone, port: int, start: Start, clock: ManualClock, how: signal.Signals
) -> None:
    async with bot_process(environment, port=port) as process:
        await opened(ben)
        await process.stop(how)
    async with start() as bot:
        await nothing_is_drawn(bot)
        await clock.advance(3 * MINUTE)
        await ben.sees("2 min left")
        await clock.advance(2 * MINUTE)
        await ben.sees("expired at")


async def test_a_card_whose_end_passed_while_nobody_ran_ends_at_the_start(
    environment: dict[str, str], ben: Someone, port: int, start: Start, clock: ManualClock
) -> None:
    async with bot_process(environment, port=port) as process:
        await opened(ben)
        await process.stop(signal.SIGKILL)
    await clock.advance(6 * MINUTE)
    async with start() as bot:
        await nothing_is_drawn(bot)
        await clock.advance_seconds(1)  # a drawing that met the dead process's lock is tried again
        assert (await ben.sees("expired at", within=10)).buttons == [NEW_LINK.label]
    assert len(await ben.messages()) == 1


async def test_a_card_in_a_modal_ends_after_a_crash(
    environment: dict[str, str], ben: Someone, port: int, start: Start, clock: ManualClock
) -> None:
    async with bot_process(environment, port=port) as process:
        home = await sees_at_home(ben, RECONNECT.label)
        await home.clicks(RECONNECT.label)
        await sees_modal(ben, "left")
        await process.stop(signal.SIGKILL)
    async with start() as bot:
        await nothing_is_drawn(bot)
        await clock.advance(5 * MINUTE)
        await sees_modal(ben, "expired at")


async def test_a_card_in_a_direct_message_ends_after_a_crash(
    environment: dict[str, str], ben: Someone, sandbox: Sandbox, port: int, start: Start, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("response_url_expired")
    dm = Someone(ben.session, ben.url, "ben", sandbox.slack.world.dm_of("ben"))
    async with bot_process(environment, port=port) as bot:
        await ben.types()
        await dm.clicks(await dm.sees("Slack didn't let me show your link"), NEW_LINK.label)
        await dm.sees_a_card()
        await bot.stop(signal.SIGKILL)
    async with start() as bot:
        await nothing_is_drawn(bot)
        await clock.advance(2 * MINUTE)
        await dm.sees("3 min left")
        await clock.advance(3 * MINUTE)
        assert (await dm.sees("expired at")).buttons == [NEW_LINK.label]


async def test_a_worker_alone_ends_what_a_dead_bot_began(
    environment: dict[str, str], ben: Someone, sandbox: Sandbox, port: int, clock: ManualClock
) -> None:
    sandbox.ayrshare.link_seconds = 8
    async with bot_process(environment, port=port) as bot:
        clock.jump(datetime.now(UTC) - clock.now())
        await ben.types()
        await ben.sees_a_card()
        await bot.stop(signal.SIGKILL)
    async with worker_process(environment) as worker:
        await ben.sees("expired at", within=20)
        assert await worker.stop() == 0
        assert "Traceback" not in "".join(worker.log)


async def test_a_bot_that_is_told_to_stop_in_the_middle_of_an_end_loses_nothing(
    environment: dict[str, str], ben: Someone, sandbox: Sandbox, port: int, clock: ManualClock
) -> None:
    sandbox.ayrshare.link_seconds = 10

    def asked() -> int:
        return sum("/user" in str(call["call"]) for call in sandbox.ayrshare.calls.since())

    async with bot_process(environment, port=port) as bot:
        clock.jump(datetime.now(UTC) - clock.now())
        await opened(ben)
        sandbox.ayrshare.faults.add("timeout", times=None, ms=20_000)
        before = asked()

        async def ends() -> bool:
            return asked() > before

        await eventually(ends, "a last look is taken, which takes long", within=20)
        assert await bot.stop() == 0
        assert "Traceback" not in "".join(bot.log)
    sandbox.ayrshare.faults.clear()
    async with worker_process(environment):
        await ben.sees("expired at", within=10)


async def test_with_two_bots_and_a_worker_nothing_is_drawn_twice_or_backwards(
    session: aiohttp.ClientSession, settings: Settings, sandbox: Sandbox, start: Start, clock: ManualClock
) -> None:
    people = [Someone(session, sandbox.url, name) for name in NAMES]
    async with AsyncExitStack() as stack:
        bots = [await stack.enter_async_context(start()) for _ in range(2)]
        await stack.enter_async_context(running_worker(settings, clock=clock, worker_timings=QUICK))
        for one in people:
            await opened(one)
        for minutes, words in ((3, "*2 min left*"), (1, "*1 min left*"), (1, "expired at")):
            await clock.advance(minutes * MINUTE)
            await asyncio.gather(*(one.sees(words) for one in people))
            await idle(bots[0])
        await clock.advance(MINUTE)
    for one in people:
        assert ["expired at" in message.words for message in await one.messages()] == [True]
    posts = Counter(str(call["path"]) for call in sandbox.slack.calls.since() if call["call"] == "response_url")
    card_at_first, opened_two_ticks_and_end = 1, 4
    assert sorted(posts.values()) == [card_at_first] * len(people) + [opened_two_ticks_and_end] * len(people)


async def test_with_two_bots_and_a_worker_a_direct_message_is_drawn_once_at_each_moment(
    session: aiohttp.ClientSession, settings: Settings, sandbox: Sandbox, start: Start, clock: ManualClock
) -> None:
    sandbox.slack.faults.add("response_url_expired")
    dm = Someone(session, sandbox.url, "ben", sandbox.slack.world.dm_of("ben"))
    async with AsyncExitStack() as stack:
        bots = [await stack.enter_async_context(start()) for _ in range(2)]
        await stack.enter_async_context(running_worker(settings, clock=clock, worker_timings=QUICK))
        await Someone(session, sandbox.url, "ben").types()
        await dm.clicks(await dm.sees("Slack didn't let me show your link"), NEW_LINK.label)
        await dm.sees_a_card()
        await nothing_is_drawn(bots[0])
        for minutes, words in ((1, "4 min left"), (1, "3 min left"), (1, "2 min left"), (2, "expired at")):
            clock.jump(minutes * MINUTE)
            await dm.sees(words)
            await idle(bots[0])  # a leased job would be taken for lost once the clock is moved
        clock.jump(MINUTE)
        await nothing_is_drawn(bots[0])
    updates = [call for call in sandbox.slack.calls.since() if call["call"] == "chat.update"]
    assert [call["ok"] for call in updates] == [True] * 4
