"""A group request across a restart and in two replicas: nobody is asked a second time."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import Bot, running_bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, UserId
from bot.settings import Settings
from bot.storage.embedded import embedded_server
from sandbox.server import Sandbox
from tests import canaries, key_leaks
from tests.clock import ManualClock
from tests.eventually import eventually
from tests.invitations.invitation_helpers import crowd, invitations_posted, runs_until
from tests.keys import RING
from tests.redis_probe import TEAM
from tests.time_travel import QUICK, woken
from tests.users import Someone

MANY = 8


class Operator:
    """Starts bots on one Redis."""

    def __init__(self, sandbox: Sandbox, settings: Settings, clock: ManualClock, lines: canaries.Lines) -> None:
        self._sandbox = sandbox
        self._settings = settings
        self._clock = clock
        self._lines = lines

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Bot]:
        async with running_bot(self._settings, clock=self._clock, worker_timings=QUICK) as bot, woken(bot, self._clock):
            self._sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
            yield bot
            canaries.check(self._sandbox, bot, self._lines)
            await key_leaks.check(bot)


@pytest.fixture
async def operator(
    sandbox: Sandbox,
    clock: ManualClock,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    log_lines: canaries.Lines,
    tmp_path: Path,
) -> AsyncIterator[Operator]:
    async with embedded_server(tmp_path / "own", bot=True) as url:
        with monkeypatch.context() as patch:
            for name, value in (environment | {"REDIS_URL": url, "ENCRYPTION_KEYS": RING}).items():
                patch.setenv(name, value)
            settings = Settings()
        yield Operator(sandbox, settings, clock, log_lines)


@pytest.fixture
def ana(session: aiohttp.ClientSession, sandbox: Sandbox) -> Someone:
    return Someone(session, sandbox.url, "ana", sandbox.slack.world.dm_of("ana"))


async def mapped_staff(bot: Bot, sandbox: Sandbox, ana: Someone) -> list[str]:
    names = await crowd(ana, MANY)
    for number, name in enumerate(names, 1):
        known = next(one for one in sandbox.ayrshare.profiles if one.title == f"Member {number}")
        await bot.deps.profiles.save(TEAM, Profile(RefId(known.ref_id), known.title, SecretStr(known.key)))
        user = UserId(sandbox.slack.world.user(name).id)
        await bot.deps.mappings.add(TEAM, user, RefId(known.ref_id), by="test")
    return names


async def some_are_asked(sandbox: Sandbox, clock: ManualClock, count: int) -> None:
    for asked in range(1, count + 1):

        async def look(least: int = asked) -> bool:
            return invitations_posted(sandbox) >= least

        await eventually(look, f"{asked} are asked")
        clock.jump_seconds(1)


async def check_each_has_one(ana: Someone, names: list[str], sandbox: Sandbox) -> None:
    people = [Someone(ana.session, ana.url, name, sandbox.slack.world.dm_of(name)) for name in names]
    seen = [await one.messages() for one in (*people, ana)]
    assert [sum(not message.ephemeral for message in each) for each in seen] == [1] * (MANY + 1)


@pytest.mark.parametrize("lost", [0, 1])
async def test_after_a_restart_in_the_middle_nobody_gets_a_second_message(
    operator: Operator, ana: Someone, sandbox: Sandbox, clock: ManualClock, lost: int
) -> None:
    async with operator.bot() as bot:
        names = await mapped_staff(bot, sandbox, ana)
        await ana.types("send @staff")
        await ana.sees("so far")
        await some_are_asked(sandbox, clock, 3)
        if lost:
            sandbox.slack.faults.add("lost_answer", method="chat.postMessage")
            clock.jump_seconds(1)
    assert 3 <= invitations_posted(sandbox) < MANY
    async with operator.bot():
        await runs_until(clock, ana, "I've asked", f"{MANY} got your request")
        await check_each_has_one(ana, names, sandbox)


async def test_two_replicas_ask_each_once_and_no_faster(
    operator: Operator, ana: Someone, sandbox: Sandbox, clock: ManualClock
) -> None:
    async with AsyncExitStack() as stack:
        bot = await stack.enter_async_context(operator.bot())
        await stack.enter_async_context(operator.bot())
        names = await mapped_staff(bot, sandbox, ana)
        began = clock.now()
        await ana.types("send @staff")
        await runs_until(clock, ana, "I've asked", f"{MANY} got your request")
        await check_each_has_one(ana, names, sandbox)
        assert (clock.now() - began).total_seconds() >= MANY - 1
