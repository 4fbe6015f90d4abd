"""The table of subcommands: what a text means, who may use it, and what the help says of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.commands import SUBCOMMANDS, Permission, find, usage_lines


@given(st.text())
def test_any_text_means_a_subcommand(text: str) -> None:
    subcommand, rest = find(text)
    assert subcommand.meaning
    assert " ".join((*subcommand.words, rest)).casefold().split() == text.casefold().split()


@pytest.mark.parametrize(("text", "words", "rest"), [("Status acme", ("status",), "acme"), ("statusx", (), "statusx")])
def test_only_a_whole_word_is_a_subcommand(text: str, words: tuple[str, ...], rest: str) -> None:
    subcommand, found = find(text)
    assert (subcommand.words, found) == (words, rest)


def test_subcommands_for_admins_are_those_that_configure() -> None:
    admins = {one.words for one in SUBCOMMANDS if one.permission is Permission.ADMINS}
    assert admins == {("list",), ("map",), ("unmap",), ("handover",)}


def test_only_the_help_is_for_everybody() -> None:
    assert [one.words for one in SUBCOMMANDS if one.permission is Permission.EVERYBODY] == [("help",)]


def test_the_usage_begins_each_line_with_the_command_in_force_and_marks_what_is_for_admins() -> None:
    lines = usage_lines("/link-up")
    assert all(typed.startswith("/link-up") and meaning for typed, meaning in lines)
    assert ("/link-up map [@someone]", "map a profile to somebody (admins)") in lines
