"""The table of subcommands: what a text means, who may use it, and what a mistyped one probably was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.commands import BY_WORD, FOR_ADMINS, LINK, MORE, SUBCOMMANDS, Permission, find, near_miss

PIECES = st.sampled_from(
    (*BY_WORD, "<@U0ANA|ana>", "me", "acme", "Status:", "“", "--help", "/connect", "\u200b", "\xa0")
)


@given(st.text() | st.lists(PIECES | st.text(max_size=5)).map(" ".join))
def test_any_text_means_a_subcommand_and_what_follows_its_words(text: str) -> None:
    subcommand, rest = find(text)
    assert subcommand in SUBCOMMANDS
    assert text.split()[len(text.split()) - len(rest.split()) :] == rest.split()


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("", "", ""),
        ("Status acme", "status", "acme"),
        ("STATUS", "status", ""),
        ("status: acme", "status", "acme"),
        ("statusx", "", "statusx"),
        ("\u200bstatus\xa0acme", "status", "acme"),
        ("“status quo”", "", "“status quo”"),
        ("ask <@U0CARA|cara> please", "send", "<@U0CARA|cara> please"),
        ("hand over <@U1> <@U2>", "handover", "<@U1> <@U2>"),
        ("mail acme", "email", "acme"),
        ("cancel", "cancel", ""),
        ("home", "home", ""),
        ("--version", "version", ""),
        ("--help", "help", ""),
        ("help!", "help", ""),
        ("?", "help", ""),
        ("/connect status", "status", ""),
        ("connect acme", "", "acme"),
        ("link", "", ""),
        ("link " * 5_000 + "status acme", "status", "acme"),
        ("reconnect acme", "reconnect", "acme"),
    ],
)
def test_a_subcommand_is_known_however_it_is_typed(text: str, word: str, rest: str) -> None:
    subcommand, found = find(text)
    assert (subcommand.words[0], found) == (word, rest)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hlep", "help"),
        ("statsu acme", "status acme"),
        ("sned <@U0CARA|cara> hi", "send <@U0CARA|cara> hi"),
        ("versoin", "version"),
        ("recconect", "reconnect"),
        ("acme", ""),
        ("connect acme", ""),
        ("mpa", ""),
        ("ehpl", "help"),
        ("<@U0CARA|cara> sned hi", "send <@U0CARA|cara> hi"),
        ("<@U0CARA|cara> help", "help"),
        ("<@U0CARA|cara> acme", ""),
        ('"help"', ""),
        ("unmpa <@U0CARA>", ""),
        ("", ""),
        ("helq " + "x" * 600, ""),
    ],
)
def test_a_mistyped_subcommand_is_guessed_if_the_person_may_use_it(typed: str, meant: str) -> None:
    assert near_miss(typed, admin=False) == meant


def test_an_admin_is_offered_what_admins_may_do() -> None:
    assert near_miss("unmpa <@U0CARA>", admin=True) == "unmap <@U0CARA>"


def test_whatever_is_typed_a_guess_is_a_subcommand_with_what_followed() -> None:
    @given(st.text() | st.lists(PIECES).map(" ".join))
    def check(text: str) -> None:
        guessed = near_miss(text, admin=True)
        assert not guessed or find(guessed)[0] in SUBCOMMANDS

    check()


def test_no_word_stands_for_two_subcommands() -> None:
    words = [word for one in SUBCOMMANDS for word in one.words]
    assert len(words) == len(set(words))


def test_subcommands_for_admins_are_those_that_configure() -> None:
    admins = {one.words[0] for one in SUBCOMMANDS if one.permission is Permission.ADMINS}
    assert admins == {"list", "map", "unmap", "handover"}


def test_only_the_help_and_the_version_are_for_everybody() -> None:
    assert [one.words[0] for one in SUBCOMMANDS if one.permission is Permission.EVERYBODY] == ["version", "help"]


def test_the_help_names_everything_that_can_be_typed() -> None:
    shown = {*MORE, "", "status", "send", "help", *(line.split()[0] for line, _ in FOR_ADMINS)}
    assert {one.words[0] for one in SUBCOMMANDS} <= shown
    assert LINK.words[0] == ""
