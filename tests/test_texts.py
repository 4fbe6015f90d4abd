"""Every surface and refusal stands in tests/approved_texts.txt as people see it; `make texts` writes that file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.texts import all_texts, errors
from bot.cli.texts.samples import NoSample, samples_of
from tests.commands import ROOT, command

APPROVED = ROOT / "tests/approved_texts.txt"


async def test_what_people_see_is_what_was_approved() -> None:
    printed = (await command("texts", environment={})).out
    assert printed == APPROVED.read_text(), "words have changed: look at what `make texts` changes, and commit it"


def test_a_view_has_no_sample_if_nothing_is_known_of_a_parameter() -> None:
    def view(of: complex, title: str) -> str:
        return f"{of} {title}"

    with pytest.raises(NoSample, match="of: "):
        list(samples_of(view))


def test_every_error_says_its_own_sentence() -> None:
    shown = {text.made_by.rpartition(".")[2] for text in all_texts()}
    assert {one.__name__ for one in errors() if not one.__subclasses__()} - shown == set()


FEATURES = ("cards", "client_links", "help", "home", "invitations", "mappings", "notifications", "people", "profiles")
TO_OPERATORS = ("socket_connect.py", "socket_mode.py", "bolt_dispatch.py", "mapping_file.py", "plan.py", "resolve.py")
SENTENCE = re.compile(r"[A-Z].*\w [^.]*\w[.!]( |$)")


def sentences_in(module: Path) -> Iterator[str]:
    """Yield the texts of a module, docstrings aside, that read like a sentence."""
    tree = ast.parse(module.read_text())
    notes = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    for one in ast.walk(tree):
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and id(one) not in notes:
            yield from ([one.value] if SENTENCE.match(one.value) else [])


def test_sentences_stand_in_views_and_errors_alone() -> None:
    """So that one can read them all in a sitting."""
    folders = (ROOT / "handlers", ROOT / "bot/slack", *(ROOT / "bot" / feature for feature in FEATURES))
    modules = [one for folder in folders for one in sorted(folder.rglob("*.py")) if one.name not in TO_OPERATORS]
    silent = [one for one in modules if not one.stem.endswith(("views", "errors"))]
    assert len(silent) > 100
    assert {f"{one.relative_to(ROOT)}: {said}" for one in silent for said in sentences_in(one)} == set()
