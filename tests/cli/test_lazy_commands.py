"""Help imports no command: it shows the table's sentences, which are those of the commands themselves."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from bot import VERSION
from bot.cli import COMMANDS, EXAMPLES, GROUPS
from bot.kept_help import HELP, help_of
from tests.commands import ROOT, command
from tests.kept_help import printed

HEAVY = {"slack_bolt", "slack_sdk", "aiohttp", "redis", "cryptography", "uvloop", "structlog"}
IMPORTED = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "


def imported_by(*words: str) -> set[str]:
    """Return the modules that a command has imported at its end."""
    code = f"{IMPORTED}sys.argv[1:] = {words!r}; from bot.__main__ import main; main()"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage:" in ended.stdout
    return set(ended.stderr.split())


@pytest.mark.parametrize("words", [(), *((group,) for group in GROUPS)])
def test_help_imports_nothing_that_only_commands_need(words: tuple[str, ...]) -> None:
    imported = imported_by(*words, "--help")
    assert imported.isdisjoint(HEAVY)
    assert {name for name in imported if name.startswith("bot.")} == {"bot.__main__", "bot.cli", "bot.kept_help"}


@pytest.mark.parametrize("words", ["run", "audit", "mappings import", "audit --since 7d"])
def test_help_of_a_command_imports_nothing_but_what_shows_it(words: str) -> None:
    imported = imported_by(*words.split(), "--help")
    assert imported.isdisjoint({*HEAVY, "typer", "pydantic"})
    assert {name for name in imported if name.startswith("bot.")} == {"bot.__main__", "bot.kept_help"}


def test_the_kept_help_is_the_commands_own() -> None:
    assert HELP.read_text(encoding="utf-8") == printed(), (
        "parameters or words have changed: `make texts` writes the help anew"
    )


def test_help_names_the_command_as_it_was_called() -> None:
    for called, name in {"/bin/connectbot": "connectbot", "/lib/bot/__main__.py": "python -m bot"}.items():
        shown = help_of(called, ["mappings", "remove", "--help"]) or ""
        assert shown.startswith(f"Usage: {name} mappings remove [OPTIONS]")
        assert shown.endswith("connectbot mappings remove T0123ABC @ben acme")
    assert help_of("connectbot", ["mappings", "remove"]) is None
    assert help_of("connectbot", ["mappings", "--help"]) is None


@pytest.mark.parametrize("words", COMMANDS)
def test_the_sentence_in_the_table_is_the_commands_own(words: str) -> None:
    target, summary = COMMANDS[words]
    module, _, function = target.partition(":")
    documented = inspect.getdoc(getattr(import_module(f"bot.cli.{module}"), function)) or ""
    assert documented.partition("\n\n")[0].replace("\n", " ") == summary


@pytest.mark.parametrize("words", [word for word in EXAMPLES if word])
async def test_help_ends_with_examples_of_that_command(words: str) -> None:
    ended = await command(*words.split(), "--help", environment={})
    assert ended.out.rstrip().endswith("\n".join(f"    {line}" for line in EXAMPLES[words]))
    assert all(line.startswith(("connectbot ", "PUBLIC_URL=")) for line in EXAMPLES[words])


async def test_help_is_for_operators_and_fits_80_columns() -> None:
    ended = await command("--help", environment={"COLUMNS": "80"})
    assert "Examples:" in ended.out
    assert not [line for line in ended.out.splitlines() if len(line) > 80]
    for word in ("module", "docstring", "│", "..."):
        assert word not in ended.out.replace("[ARGS]...", "")


async def test_the_version_is_the_packages() -> None:
    ended = await command("--version", environment={})
    assert (ended.code, ended.out) == (0, f"connectbot {VERSION}\n")
