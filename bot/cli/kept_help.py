"""The help of each command, kept in help.txt so that showing it imports no command; `make texts` writes that file."""

from pathlib import Path

HELP = Path(__file__).with_name("help.txt")
MARK = "== "
"""How the line begins that has a command's words; its help follows, without `Usage: ` and what it was called by."""


def help_of(words: str, *, called: str) -> str:
    """Return the help of a command; `called` is how it was called, such as `connectbot audit`."""
    begin, end = f"{MARK}{words}\n", f"\n{MARK}"
    kept = HELP.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]
    return f"Usage: {called} {kept.rstrip()}"
