"""The bot's commands as an operator runs them: as processes, or as a call where no process is needed to see it."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from typer.testing import CliRunner

from bot.cli import app
from tests.eventually import eventually

ROOT = Path(__file__).parents[1]
SURROUNDINGS = {"PATH": "/usr/bin:/bin", "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
"""A command runs this checkout's code, wherever the environment's was installed from."""


def surroundings(environment: dict[str, str]) -> dict[str, str]:
    """Nothing of this process' environment reaches the bot but what measures its coverage."""
    measuring = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return SURROUNDINGS | measuring | environment


def child_of(pid: int) -> int:
    """Return the process that another one, such as `unshare` or `strace`, has started."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


@dataclass(frozen=True)
class Ended:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


async def command(*words: str, environment: dict[str, str], typed: str = "") -> Ended:
    """Run a command in a thread with standard streams of its own, in a twentieth of a process' time.

    An exception that it doesn't catch is raised. Until it ends, the log of this process goes to its standard error.
    """
    environment = {"COLUMNS": SURROUNDINGS["COLUMNS"]} | environment
    with _log_restored():
        result = await asyncio.to_thread(lambda: CliRunner().invoke(app, words, input=typed, env=environment))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@contextlib.contextmanager
def _log_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level


async def bot_command(*words: str, environment: dict[str, str], typed: str = "") -> Ended:
    """Run `python -m bot …` to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=environment["DATA_DIR"].rpartition("/")[0],  # away from a .env of the checkout
        env=surroundings(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(50):
        out, err = await process.communicate(typed.encode())
    return Ended(process.returncode or 0, out.decode(), err.decode())


@dataclass(frozen=True)
class Running:
    """A bot's process."""

    process: asyncio.subprocess.Process
    url: str
    log: list[str]

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        async with asyncio.timeout(20):
            return await self.process.wait()


@contextlib.asynccontextmanager
async def bot_process(environment: dict[str, str], *, port: int) -> AsyncIterator[Running]:
    """Run `python -m bot run` on a port; what is left of it at the end is killed."""
    async with (
        started("run", environment=environment | {"PORT": str(port)}) as (process, log),
        aiohttp.ClientSession() as session,
    ):
        running = Running(process, f"http://127.0.0.1:{port}", log)

        async def ready() -> bool:
            if process.returncode is not None:
                raise AssertionError(f"the bot ended: {log}")
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{running.url}/readyz") as answer:
                    return answer.ok
            return False

        await eventually(ready, "the bot is ready", within=40)
        yield running


@contextlib.asynccontextmanager
async def worker_process(environment: dict[str, str]) -> AsyncIterator[Running]:
    """Run `python -m bot worker`; what is left of it at the end is killed."""
    async with started("worker", environment=environment) as (process, log):

        async def works() -> bool:
            assert process.returncode is None, f"the worker ended: {log}"
            return any('"working"' in line for line in log)

        await eventually(works, "the worker works", within=40)
        yield Running(process, "", log)


@contextlib.asynccontextmanager
async def started(
    command: str, *, environment: dict[str, str]
) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[str]]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command),
        cwd=environment["DATA_DIR"].rpartition("/")[0],
        env=surroundings(environment) | {"LOG_FORMAT": "json"},
        stderr=asyncio.subprocess.PIPE,
    )
    log = list[str]()
    reading = asyncio.create_task(_read(process, log))
    try:
        yield process, log
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(process: asyncio.subprocess.Process, log: list[str]) -> None:
    assert process.stderr is not None
    async for line in process.stderr:
        log.append(line.decode())  # noqa: PERF401 - read while it is still written
