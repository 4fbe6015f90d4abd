"""The commands without a process of their own: for where it takes dozens of them to tell."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from typer.testing import CliRunner

from bot.cli import app
from tests.commands import Ended


async def command(*words: str, environment: dict[str, str], typed: str = "") -> Ended:
    """Run a command in a thread, with standard streams of its own; what it doesn't catch is raised."""
    with _log_as_it_was():
        result = await asyncio.to_thread(lambda: CliRunner().invoke(app, words, input=typed, env=environment))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@contextmanager
def _log_as_it_was() -> Iterator[None]:
    """A command sets up the log of its process, which here is the tests'."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
