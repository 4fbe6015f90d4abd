"""`python -m bot`, and the console script `connectbot`."""

import io
import os
import sys

from bot.kept_help import help_of


def main() -> None:
    """Run the command line; a command's help is shown without it, since importing it takes longer than that."""
    _prepare_output()
    program, *args = sys.argv
    if shown := help_of(program, args):
        sys.stdout.write(f"{shown}\n")
        return
    from bot.cli import app  # noqa: PLC0415 - typer

    app()


def _prepare_output() -> None:
    """Have output in UTF-8 whatever the terminal's letters are, and 80 columns where it says that it has none."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if os.environ.get("COLUMNS") == "0":  # as some shells of containers do
        del os.environ["COLUMNS"]


if __name__ == "__main__":
    main()
