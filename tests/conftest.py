"""The real bot in this process, between a local Slack, a local Ayrshare and an embedded Redis."""

import gc
import os
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import aiohttp
import pytest
import redis.utils
from pydantic import SecretStr

from bot.app import Bot, running_bot
from bot.ayrshare.model import Profile
from bot.core.model import RefId, TeamId, UserId
from bot.settings import Settings
from bot.slack.socket_connect import SocketTimings
from bot.storage.embedded.process import PID, pid_of
from sandbox.server import Sandbox
from tests import canaries, key_leaks
from tests.browser import chromium
from tests.clock import ManualClock
from tests.container import image
from tests.deploy import tools
from tests.fuzz.world import environment as bot_environment
from tests.signed_requests import ResponseUrlReceiver, Signer, response_url_receiver
from tests.time_travel import QUICK, woken
from tests.users import Someone

MakeSettings = Callable[..., Settings]
Map = Callable[..., Awaitable[Profile]]
Person = Callable[..., Someone]

# A run in the background inherits from its shell that Ctrl-C is ignored, and so would the programs that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
FAILED = pytest.StashKey[bool]()

redis.utils.get_lib_version = cache(redis.utils.get_lib_version)
"""redis-py reads its own metadata from disk for each connection: a tenth of the time of most tests."""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep a test away from any .env file, and end the Redis servers that a killed bot leaves for its next start."""
    monkeypatch.chdir(tmp_path)
    yield
    for pid_file in tmp_path.rglob(PID):
        with suppress(OSError, ValueError):  # it has ended, and the number may be another's
            pid = pid_of(pid_file.parent)
            if str(tmp_path) in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def pytest_addoption(parser: pytest.Parser) -> None:
    help_text = "keep what a failing test saw in .worlds/, for the page of make demo to play"
    parser.addoption("--keep-world", action="store_true", help=help_text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line each which tests were left out, because they need what isn't installed."""
    reasons = {
        "page (make test-page)": chromium.missing(),
        "image and the unit (make check-container)": image.missing(),
        "deployment files (make check-deploy)": tools.missing(),
    }
    for what, missing in reasons.items():
        if missing:
            terminalreporter.write_line(f"The tests of the {what} were left out: {missing}.")


def pytest_collection_finish() -> None:
    """Have the garbage collector pass over the libraries and tests: looking through them takes a tenth of the run."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the fixtures whether the test has failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
async def sandbox(clock: ManualClock, request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    async with Sandbox(now=clock.now) as sandbox:
        if not request.config.getoption("--keep-world"):
            yield sandbox
            return
        name = re.sub(r"[^\w.-]+", "_", request.node.name)[:150]
        world = request.config.rootpath / ".worlds" / f"{name}.jsonl"
        world.parent.mkdir(exist_ok=True)
        with sandbox.live.recording(world):
            yield sandbox
        if not request.node.stash.get(FAILED, False):
            world.unlink()


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """What a bot needs to live in the sandbox, as environment variables."""
    return bot_environment(sandbox, tmp_path)


@pytest.fixture
def log_lines() -> Iterator[canaries.Lines]:
    with canaries.listening() as lines:
        yield lines


@pytest.fixture
def overrides() -> dict[str, str]:
    """Variables that a test sets otherwise, by parametrizing this fixture."""
    return {}


@pytest.fixture
def timings() -> SocketTimings:
    """How long Socket Mode waits for what."""
    return SocketTimings()


@pytest.fixture
async def bot(
    sandbox: Sandbox,
    clock: ManualClock,
    environment: dict[str, str],
    overrides: dict[str, str],
    timings: SocketTimings,
    monkeypatch: pytest.MonkeyPatch,
    log_lines: canaries.Lines,
) -> AsyncIterator[Bot]:
    with monkeypatch.context() as patch:
        for name, value in (environment | overrides).items():
            patch.setenv(name, value)
        settings = Settings()
    async with (
        running_bot(settings, clock=clock, socket_timings=timings, worker_timings=QUICK) as bot,
        woken(bot, clock),
    ):
        sandbox.bot_url = f"http://127.0.0.1:{bot.port}"
        if "REDIS_URL" not in environment | overrides:  # a busy disk takes longer for an fsync than the bot waits
            await bot.deps.audit.connection.redis.config_set("appendfsync", "no")
        yield bot
        canaries.check(sandbox, bot, log_lines)
        await key_leaks.check(bot)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def person(session: aiohttp.ClientSession, sandbox: Sandbox, bot: Bot) -> Person:
    def person(name: str, *, channel: str = "general") -> Someone:
        return Someone(session, sandbox.url, name, channel)

    return person


@pytest.fixture
def signer(session: aiohttp.ClientSession, sandbox: Sandbox, bot: Bot) -> Signer:
    return Signer(session, f"http://127.0.0.1:{bot.port}", sandbox.slack.signing_secret)


@pytest.fixture
async def response_url() -> AsyncIterator[ResponseUrlReceiver]:
    async with response_url_receiver() as response_url:
        yield response_url


@pytest.fixture
def mapped(bot: Bot, sandbox: Sandbox) -> Map:
    """Map somebody to one of the local Ayrshare's profiles."""

    async def mapped(user: str, title: str, *, default: bool = False, key: str = "", ref_id: str = "") -> Profile:
        known = next(profile for profile in sandbox.ayrshare.profiles if profile.title == title)
        profile = Profile(RefId(ref_id or known.ref_id), title, SecretStr(key or known.key))
        team, user_id = TeamId(sandbox.slack.world.team.id), UserId(sandbox.slack.world.user(user).id)
        await bot.deps.profiles.save(team, profile)
        await bot.deps.mappings.add(team, user_id, profile.ref_id, by="test", default=default)
        return profile

    return mapped


@pytest.fixture
def ana(person: Person) -> Someone:
    return person("ana")


@pytest.fixture
def ben(person: Person) -> Someone:
    return person("ben", channel="random")


@pytest.fixture
def dm(person: Person, sandbox: Sandbox) -> Callable[[str], Someone]:
    """Give somebody in front of the bot's direct message with them."""
    return lambda name: person(name, channel=sandbox.slack.world.dm_of(name))
