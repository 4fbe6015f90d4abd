"""Titles are found however they are typed."""

import pytest

from bot.core.matching import best_matches, folded

SAME = [
    ("O'Neil", "O\u2019Neil"), ("Acme -- West", "Acme \u2014 West"), ("Acme - West", "acme \u2013  west"),
    ("Acme \U0001f389", "Acme :tada:"), (":tada: Acme", "\U0001f389 acme"), ("Café", "Cafe\u0301"),
    ("Straße", "STRASSE"),
    ("Acme\u00a0West", "Acme West"), ("Acme\u200b", "acme"), ("\u2764\ufe0f", "\u2764"),
    ('Say "hi"', "Say \u201chi\u201d"),
    ("\uff21\uff43\uff4d\uff45", "acme"), ("Wait\u2026", "wait..."), ("\U0001f44d\U0001f3fd", ":+1::skin-tone-4:"),
]  # fmt: skip


@pytest.mark.parametrize(("stored", "typed"), SAME)
def test_a_title_typed_as_it_is_shown_is_found(stored: str, typed: str) -> None:
    assert folded(stored) == folded(typed)
    assert best_matches([stored, "another"], typed, title=str) == (stored,)
    assert best_matches([stored, "another"], f"\u201c{typed}\u201d", title=str) == (stored,)


def test_a_whole_title_goes_before_a_part() -> None:
    assert best_matches(["Acme West", "Acme"], "ACME", title=str) == ("Acme",)
    assert best_matches(["Acme West", "Acme East"], "acme", title=str) == ("Acme West", "Acme East")
    assert best_matches(["Acme"], "globex", title=str) == ()
