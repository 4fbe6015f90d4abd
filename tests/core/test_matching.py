"""Titles are found however they are typed."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.matching import best_matches, folded

SAME = [
    ("O'Neil", "O\u2019Neil"), ("Acme -- West", "Acme \u2014 West"), ("Acme - West", "acme \u2013  west"),
    ("Acme \U0001f389", "Acme :tada:"), (":tada: Acme", "\U0001f389 acme"), ("Café", "Cafe\u0301"),
    ("Straße", "STRASSE"), ("İstanbul", "i\u0307stanbul"), ("İstanbul", "istanbul"), ("Istanbul", "İSTANBUL"),
    ("ISTANBUL", "\u0131stanbul"),
    ("Acme\u00a0West", "Acme West"), ("Acme\tWest", "Acme West"), ("Acme\u2003West", "Acme\u3000West"),
    ("Acme\u200b", "acme"), ("\u202eAcme\u202c", "acme"), ("Acme\u2060\u00ad", "acme"), ("\u2764\ufe0f", "\u2764"),
    ("Acme\u3164West", "Acme West"), ("Acme\u2800", "Acme"),
    ('Say "hi"', "Say \u201chi\u201d"), ("Acme", "*Acme*"), ("Acme", "_Acme_"), ("Acme", "`Acme`"),
    ("\uff21\uff43\uff4d\uff45", "acme"), ("Wait\u2026", "wait..."), ("\U0001f44d\U0001f3fd", ":+1::skin-tone-4:"),
]  # fmt: skip
WORD = st.text(st.characters(categories=("Ll", "Lu", "Nd")), min_size=1, max_size=8)
TITLE = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
LATIN = st.text(st.characters(max_codepoint=0x24F, categories=("Ll", "Lu", "Nd", "Zs")))
BLANKS = st.sampled_from((" ", "  ", "\u00a0", "\t", "\u2009", "\u3000", " \u200b", "\n"))
INVISIBLE = st.sampled_from(("\u200b", "\u200e", "\u2060", "\ufeff", "\u00ad", "\ufe0f", "\u202e"))
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: st.SearchStrategy[Form] = st.sampled_from(("NFC", "NFD", "NFKC", "NFKD"))


@pytest.mark.parametrize(("stored", "typed"), SAME)
def test_a_title_typed_as_it_is_shown_is_found(stored: str, typed: str) -> None:
    assert best_matches([stored, "another"], typed, title=str) == (stored,)
    assert best_matches([stored, "another"], f"\u201c{typed}\u201d", title=str) == (stored,)


@given(st.text())
def test_the_compared_form_stays_as_it_is_when_it_is_taken_again(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(LATIN, FORMS, BLANKS, INVISIBLE, st.sampled_from((str.upper, str.lower, str.title)))
def test_case_composition_blanks_and_invisible_marks_make_no_difference(
    title: str, form: Form, blank: str, invisible: str, case: Callable[[str], str]
) -> None:
    typed = invisible + unicodedata.normalize(form, case(title)).replace(" ", blank)
    assert folded(typed) == folded(title)


@given(TITLE)
def test_any_title_is_found_by_itself_and_by_its_words_in_any_order(title: str) -> None:
    assert title in best_matches([title, "another"], title, title=str)
    assert title in best_matches([title, "another"], " ".join(reversed(title.split())), title=str)


@given(st.text(), st.text())
def test_any_words_find_what_there_is_or_nothing(title: str, words: str) -> None:
    assert set(best_matches([title, "another"], words, title=str)) <= {title, "another"}


def test_a_whole_title_goes_before_a_part() -> None:
    assert best_matches(["Acme West", "Acme"], "ACME", title=str) == ("Acme",)
    assert best_matches(["Acme West", "Acme East"], "acme", title=str) == ("Acme West", "Acme East")
    assert best_matches(["Acme"], "globex", title=str) == ()
    assert best_matches(["Acme -- West", "Acme -- West Coast"], "acme — west", title=str) == ("Acme -- West",)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ja", ("Acme: Jane",)),
        ("jane acme", ("Acme: Jane",)),
        ("acme, ja", ("Acme: Jane",)),
        ("acme/jane", ("Acme: Jane",)),
        ("me", ()),
        ("ane", ()),
        ("acme bob", ()),
        ("-", ()),
        ("", ()),
        ("d", ("R&D",)),
        ("東京", ("株式会社東京",)),
    ],
)
def test_words_are_looked_for_at_the_beginning_of_words(words: str, found: tuple[str, ...]) -> None:
    assert best_matches(["Acme: Jane", "R&D", "株式会社東京"], words, title=str) == found
