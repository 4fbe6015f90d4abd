"""Questions at the terminal. What is typed as a secret is never shown."""

import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from getpass import getpass

from rich.table import Table

from bot.cli.boundary import console

LOCAL_MODES = 3
"""Where a terminal's attributes have what is echoed."""


def heading(text: str) -> None:
    """Begin a step."""
    console.print(f"\n{text}", style="bold")


def say(text: str) -> None:
    """Print text that is wrapped at the terminal's width."""
    console.print(text)


def clicks(*lines: str) -> None:
    """Print what to click, a line each."""
    for line in lines:
        _print_item("-", line)


def done(text: str) -> None:
    """Tell that a step is done."""
    _print_item("ok", text, style="green")


def wrong(text: str) -> None:
    """Tell why an answer isn't taken."""
    _print_item("!", text, style="red")


def ask(question: str) -> str:
    """Return what is typed, without blanks around it; it may be empty."""
    return input(f"  {question}: ").strip()


def ask_secret(question: str) -> str:
    """Return what is pasted; the terminal doesn't show it. Asked by getpass itself: typer asks before it hides."""
    return getpass(f"  {question} (not shown): ").strip()


@contextmanager
def unseen() -> Iterator[None]:
    """Don't show what is typed meanwhile: a secret that is pasted too early. The next question forgets it."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    hidden = [*before]
    hidden[LOCAL_MODES] = before[LOCAL_MODES] & ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def choose(question: str, options: Sequence[str], *, default: int = 0) -> int:
    """Return the place of the chosen option."""
    for number, option in enumerate(options, start=1):
        _print_item(str(number), option)
    while True:
        typed = ask(f"{question} [{default + 1}]") or str(default + 1)
        if typed.isdecimal() and 1 <= int(typed) <= len(options):
            return int(typed) - 1
        wrong(f"Type a number from 1 to {len(options)}.")


def _print_item(mark: str, text: str, *, style: str = "") -> None:
    """Print a line behind a mark; what is wrapped begins under the text."""
    line = Table.grid(padding=(0, 1))
    line.add_row(f"  {mark}", text, style=style)
    console.print(line)
