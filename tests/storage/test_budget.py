"""A request waits for a slow Redis only so long in all."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from prometheus_client import generate_latest

from bench.round_trips import RoundTrips
from bot.app import Bot
from bot.core import budget as budgets
from bot.slack.actions import NEW_LINK, OPEN_LINK
from bot.slack.submit import SETTLED
from bot.storage.batching import BATCHES_AT_ONCE
from bot.storage.connection import Store, redis_errors_mapped
from bot.storage.errors import StoreTooSlow
from sandbox.server import Sandbox
from tests import canaries
from tests.api.apps import App, new_key
from tests.cards.test_repeated_clicks import links_made, until_counted
from tests.clock import ManualClock
from tests.conftest import Map, Person
from tests.eventually import eventually
from tests.fuzz.world import environment as bot_environment
from tests.keys import RING
from tests.modals import sees_modal
from tests.redis_probe import idle, redis_of
from tests.redis_servers import counted_redis
from tests.users import OPENED, Someone

TOO_SLOW = "My database answers too slowly"
CUT = 6.0
"""Seconds within which a request has ended that would go on for longer: the budget, and what isn't counted of it."""


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
async def slow(bot: Bot, redis: tuple[RoundTrips, str]) -> AsyncIterator[RoundTrips]:
    """Redis, whose answers can be delayed; the bot has its connections, each of which would take several exchanges."""
    redis[0].delay = 0.2
    connecting = []
    for _ in range(BATCHES_AT_ONCE):
        connecting.append(asyncio.create_task(redis_of(bot).ping()))
        await asyncio.sleep(0.01)  # the next one is sent in another batch
    await asyncio.gather(*connecting)
    redis[0].delay = 0.0
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


async def test_a_slow_ayrshare_does_not_count(ana: Someone, slow: RoundTrips, sandbox: Sandbox) -> None:
    slow.delay = 0.3
    sandbox.ayrshare.faults.add("latency", ms=6000)
    await ana.types()
    await ana.sees_a_card()


async def test_one_that_takes_longer_each_time_ends_the_request_in_the_midst_of_an_exchange(
    ana: Someone, bot: Bot, slow: RoundTrips, log_lines: canaries.Lines
) -> None:
    slow.delay = 1.25  # four cost 4.8 s, and the fifth is cut
    await ana.types("list")
    await ana.sees(TOO_SLOW, within=CUT)
    assert '"event": "store_too_slow"' in "".join(log_lines.lines)
    assert f'outcome="{StoreTooSlow.kind}"' in generate_latest(bot.deps.metrics.registry).decode()


class Several(Store):
    """Makes many exchanges in one call."""

    @redis_errors_mapped
    async def call(self) -> None:
        for _ in range(20):
            await self._redis.ping()


async def test_each_exchange_of_a_call_counts_and_of_calls_that_overlap(bot: Bot, slow: RoundTrips) -> None:
    several = Several(bot.deps.audit.connection)

    async def second() -> None:
        await asyncio.sleep(slow.delay / 2)
        await several.call()

    slow.delay = 1.0
    budgets.begin_budget()
    async with asyncio.timeout(CUT):
        ended = await asyncio.gather(several.call(), second(), return_exceptions=True)
    assert [type(one) for one in ended] == [StoreTooSlow, StoreTooSlow]


async def test_who_asks_whether_the_bot_is_ready_has_none(
    session: aiohttp.ClientSession, sandbox: Sandbox, bot: Bot, slow: RoundTrips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budgets, "BUDGET", budgets.STEP)
    slow.delay = 0.5
    async with session.get(f"{sandbox.bot_url}/readyz") as answer:
        assert answer.status == 200


async def until_asked(sandbox: Sandbox) -> None:
    """Wait until Ayrshare, which takes its time, is asked for a link."""

    async def look() -> bool:
        return links_made(sandbox) == 2

    await eventually(look, "another link is asked for")


async def test_what_follows_a_new_link_is_not_cut_so_that_a_second_click_makes_no_other(
    ana: Someone, bot: Bot, slow: RoundTrips, sandbox: Sandbox
) -> None:
    await ana.types()
    card = await ana.sees_a_card()
    await idle(bot)
    sandbox.ayrshare.faults.add("latency", ms=1000)
    slow.delay = 0.75
    await ana.clicks(card, NEW_LINK.label)
    await until_asked(sandbox)
    slow.delay = 1.35  # what is left suffices for the exchange before the card is shown, and not for those after it
    await bot.deps.background.idle()
    slow.delay = 0.0
    await ana.clicks(card, NEW_LINK.label)
    await idle(bot)
    assert links_made(sandbox) == 2
    assert all(TOO_SLOW not in seen.text for seen in await ana.messages())


async def test_a_form_says_what_was_done_and_goes_on_later(
    ana: Someone, mapped: Map, bot: Bot, slow: RoundTrips, clock: ManualClock
) -> None:
    await mapped("ben", "Globex")
    await ana.types("unmap @ben")
    modal = await sees_modal(ana, "Unmap *Globex*")
    await idle(bot)
    slow.delay = 0.8  # its work begins before the form's own limit
    async with asyncio.timeout(CUT):
        assert (await modal.submits())["ok"]
        await until_counted(bot, "late_result", "ok", 1)
    clock.jump(SETTLED)
    await sees_modal(ana, "no longer has *Globex*", "keep trying")


@pytest.fixture
async def app(bot: Bot, sandbox: Sandbox, session: aiohttp.ClientSession, environment: dict[str, str]) -> App:
    return App(session, sandbox.bot_url, await new_key(environment))


async def test_a_call_of_the_links_api_is_refused(ana: Someone, app: App, slow: RoundTrips) -> None:
    slow.delay = 1.4
    async with asyncio.timeout(CUT):
        said = await app.asks_for_link(user="U0ANA0001", notify=True)
    assert (said.status, said.problem) == (503, StoreTooSlow.kind)


async def test_what_a_call_leaves_behind_has_no_budget(
    ana: Someone, app: App, bot: Bot, slow: RoundTrips, log_lines: canaries.Lines
) -> None:
    slow.delay = 0.9
    said = await app.asks_for_link(user="U0ANA0001", notify=True)
    assert said.status == 201, said.body
    await bot.deps.background.idle()
    assert "store_too_slow" not in "".join(log_lines.lines)
