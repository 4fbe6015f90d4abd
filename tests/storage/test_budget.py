"""A request waits for a slow Redis only so long in all."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from bench.round_trips import RoundTrips
from bot.app import Bot
from bot.slack.actions import OPEN_LINK
from bot.storage.batching import TIMEOUT
from bot.storage.budget import BUDGET, UNNOTICED, Budget
from bot.storage.errors import StoreTooSlow
from sandbox.server import Sandbox
from tests import canaries
from tests.conftest import Map, Person
from tests.fuzz.world import environment as bot_environment
from tests.keys import RING
from tests.redis_probe import idle
from tests.redis_servers import counted_redis
from tests.users import OPENED, Someone

TOO_SLOW = "My database answers too slowly"
NOTICED = UNNOTICED.total_seconds()


class Seconds:
    """A clock of the monotonic kind."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def budget(seconds: Seconds) -> Budget:
    return Budget(seconds)


def test_slow_waits_spend_it(budget: Budget, seconds: Seconds) -> None:
    for _ in range(4):
        assert not budget.spent
        with budget.waiting():
            seconds.now += TIMEOUT.total_seconds()
    assert budget.spent


def test_waits_at_the_same_time_count_once(budget: Budget, seconds: Seconds) -> None:
    with ExitStack() as waits:
        for _ in range(50):
            waits.enter_context(budget.waiting())
        seconds.now += 1
    assert not budget.spent


def test_a_thousand_short_waits_count_nothing(budget: Budget, seconds: Seconds) -> None:
    for _ in range(1000):
        with budget.waiting():
            seconds.now += NOTICED
    assert not budget.spent


def test_that_this_process_stood_still_counts_as_one_wait(budget: Budget, seconds: Seconds) -> None:
    with budget.waiting():
        seconds.now += timedelta(hours=1).total_seconds()
    assert not budget.spent


def test_what_lies_between_two_waits_is_not_counted(budget: Budget, seconds: Seconds) -> None:
    for _ in range(3):
        with budget.waiting():
            seconds.now += 1
        seconds.now += BUDGET.total_seconds()  # Ayrshare takes its time
    assert not budget.spent


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[tuple[RoundTrips, str]]:
    async with counted_redis(tmp_path) as counted:
        yield counted


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path, redis: tuple[RoundTrips, str]) -> dict[str, str]:
    return bot_environment(sandbox, tmp_path) | {"REDIS_URL": redis[1], "ENCRYPTION_KEYS": RING}


@pytest.fixture
async def ana(person: Person, mapped: Map, bot: Bot) -> Someone:
    await mapped("ana", "Acme: Jane")
    ana = person("ana")
    await ana.types("list")
    await ana.sees("Acme: Jane")
    await idle(bot)
    return ana


@pytest.fixture
def slow(bot: Bot, redis: tuple[RoundTrips, str]) -> Iterator[RoundTrips]:
    yield redis[0]
    redis[0].delay = 0.0


async def test_a_redis_that_takes_its_time_is_waited_for(ana: Someone, slow: RoundTrips) -> None:
    slow.delay = 0.3
    await ana.types()
    await ana.clicks(await ana.sees_a_card(), OPEN_LINK.label)
    await ana.sees(OPENED)
    await ana.types("list")
    await ana.sees_times(3)
    assert all(TOO_SLOW not in seen.text for seen in await ana.messages())


async def test_one_that_takes_longer_each_time_ends_the_request_wherever_it_stands(
    ana: Someone, bot: Bot, slow: RoundTrips, log_lines: canaries.Lines
) -> None:
    slow.delay = 1.4
    await ana.types("list")
    await ana.sees(TOO_SLOW, within=8)
    assert '"event": "store_too_slow"' in "".join(log_lines.lines)
    assert f'outcome="{StoreTooSlow.kind}"' in generate_latest(bot.deps.metrics.registry).decode()
