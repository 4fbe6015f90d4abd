"""The help of each command, kept in help.txt so that showing it imports nothing else; `make texts` writes that file."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

HELP = Path(__file__).with_name("help.txt")
MARK = "== "
"""How the line begins that has a command's words; its help follows, without `Usage: ` and what it was called by."""
MODULE = "python -m bot"


def help_of(called: str, args: Sequence[str]) -> str | None:
    """Return the help that is asked for, if it is a command's; `called` is the program's path."""
    words = " ".join(takewhile(lambda word: not word.startswith("-"), args))
    kept = f"\n{HELP.read_text(encoding='utf-8')}" if "--help" in args else ""
    _, found, rest = kept.partition(f"\n{MARK}{words}\n")
    if not found:
        return None
    name = MODULE if called.endswith("__main__.py") else Path(called).name
    kept, _, _ = rest.partition("\n" + MARK)
    return f"Usage: {name} {words} {kept.rstrip()}"
