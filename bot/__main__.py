"""`python -m bot`, and the console script `connectbot`."""

import sys

from bot.kept_help import help_of


def main() -> None:
    """Run the command line; a command's help is shown without it, since importing it takes longer than that."""
    program, *args = sys.argv
    if shown := help_of(program, args):
        sys.stdout.write(f"{shown}\n")
        return
    from bot.cli import app  # noqa: PLC0415 - typer

    app()


if __name__ == "__main__":
    main()
