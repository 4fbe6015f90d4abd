"""Whatever somebody types, the dispatcher finds something to do or says what was wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.errors import NotAPerson
from bot.slack.mentions import split_mention
from handlers.commands import find, usage_lines

MENTIONS = ("<@U0ANA>", "<@W1|ana>", "<@U0ANA|", "<#C1|x>", "<!here>", "@ana")
PIECES = st.sampled_from((*MENTIONS, "status", "help", "acme", "&amp;", "<", ">", " ", "\u202e", "👩"))


@given(st.lists(PIECES | st.text(max_size=10)).map("".join))
def test_any_text_names_at_most_one_person_or_is_refused(text: str) -> None:
    subcommand, rest = find(text)
    assert subcommand.meaning
    try:
        person, words = split_mention(rest)
    except NotAPerson:
        return
    assert person is None or (person.isalnum() and person[0] in "UW")
    assert words == " ".join(words.split()) or "&" in rest


@pytest.mark.parametrize(
    ("text", "person", "words"),
    [
        ("", None, ""),
        ("<@U0ANA>", "U0ANA", ""),
        ("<@U0ANA|ana> Acme  Team", "U0ANA", "Acme Team"),
        ("Acme <@W0ANA>", "W0ANA", "Acme"),
        ("R&amp;D &lt;x&gt;", None, "R&D <x>"),
        ("me@example.com", None, "me@example.com"),
    ],
)
def test_a_mention_and_the_words_around_it_are_told_apart(text: str, person: str | None, words: str) -> None:
    assert split_mention(text) == (person, words)


@pytest.mark.parametrize(("text", "words", "rest"), [("Status acme", ("status",), "acme"), ("statusx", (), "statusx")])
def test_only_a_whole_word_is_a_subcommand(text: str, words: tuple[str, ...], rest: str) -> None:
    subcommand, found = find(text)
    assert (subcommand.words, found) == (words, rest)


def test_every_line_of_the_usage_begins_with_the_command_in_force() -> None:
    assert all(typed.startswith("/link-up") and meaning for typed, meaning in usage_lines("/link-up"))
