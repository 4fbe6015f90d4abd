"""How a command ends: wrong settings exit with 2, other known failures with 1, each with a sentence on stderr."""

import asyncio
import re
import sys
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.core.errors import ConnectbotError
from bot.core.logs import configure_logs
from bot.core.text import printable
from bot.settings import S, SettingsError, load
from bot.storage.errors import DataDirInUse
from bot.storage.schema import NewerData

T = TypeVar("T")

REQUIRED = re.compile(r"(SLACK|AYRSHARE)_\w+: required")
WIDTH = 240
"""Columns when standard output is not a terminal, so that IDs are never cut."""


class SafeConsole(Console):
    """A console that no title or name from elsewhere can steer."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Return the text to be shown."""
        return super().render_str(printable(text), **options)


console = SafeConsole(
    soft_wrap=not sys.stdout.isatty(),
    highlight=False,
    markup=False,
    emoji=False,
    width=None if sys.stdout.isatty() else WIDTH,
)
errors = SafeConsole(stderr=True, soft_wrap=not sys.stderr.isatty(), highlight=False, markup=False, emoji=False)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows: in columns that fit the terminal; into a pipe or file with tabs, the columns' names first."""
    if not console.is_terminal:
        for row in (columns, *rows):
            typer.echo("\t".join(printable(" ".join(cell.split())) for cell in row))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number == 0, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def settings_of(kind: type[S]) -> S:
    """Load the settings that a command needs and configure its logs; exit with 2 and all problems if there are any."""
    try:
        settings = load(kind)
    except SettingsError as error:
        way_on = ["`connectbot setup` asks for what is missing."] if REQUIRED.search(str(error)) else []
        problems = (f"  {problem}" for problem in error.problems)
        stop("Something is missing or wrong in the settings:", *problems, *way_on, code=2)
    configure_logs(settings.log_level, settings.log_format)
    return settings


def finish(work: Coroutine[Any, Any, T], *, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> T:
    """Run a command's work; exit with the sentence of a failure that we know."""
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(work)
    except (DataDirInUse, NewerData) as error:
        stop(error.sentence, code=2)
    except ConnectbotError as error:
        stop(error.sentence)
    except KeyboardInterrupt:
        sys.exit(130)


def stop(*lines: str, code: int = 1) -> NoReturn:
    """Print why, and exit."""
    for line in lines:
        errors.print(line)
    raise typer.Exit(code)
