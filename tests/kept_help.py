"""Write the help of all commands as bot/help.txt keeps it; `make texts` calls this."""

import os
import sys

from click import Context

from bot.cli import COMMANDS, real_command
from bot.kept_help import MARK

NAME = "connectbot"


def printed() -> str:
    """Return the file's content: each command's own help, 80 columns wide."""
    os.environ["COLUMNS"] = "80"
    return "".join(f"{MARK}{words}\n{_help(words)}\n" for words in COMMANDS)


def _help(words: str) -> str:
    command = real_command(words)
    shown: str = command.get_help(Context(command, info_name=f"{NAME} {words}"))
    return shown.removeprefix(f"Usage: {NAME} {words} ").rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.write(printed())
