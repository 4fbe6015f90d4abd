"""Every surface and refusal stands in tests/approved_texts.txt as people see it; `make texts` writes that file."""

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
