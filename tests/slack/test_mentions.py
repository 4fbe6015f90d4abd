"""Mentions in what a person types: at most one person is named, or the text is refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.errors import NotAPerson
from bot.slack.mentions import mentions_in, person_in, split_mention, split_recipients

MENTIONS = ("<@U0ANA>", "<@W1|ana>", "<@U0ANA|", "<#C1|x>", "<!here>", "@ana")
PIECES = st.sampled_from((*MENTIONS, "status", "help", "acme", "&amp;", "<", ">", " ", "\u202e", "👩"))


@given(st.lists(PIECES | st.text(max_size=10)).map("".join))
def test_any_text_names_at_most_one_person_or_is_refused(text: str) -> None:
    try:
        person, words = split_mention(text)
    except NotAPerson:
        return
    assert person is None or (person.isalnum() and person[0] in "UW")
    assert words == " ".join(words.split()) or "&" in text


@pytest.mark.parametrize(
    ("text", "person", "words"),
    [
        ("", None, ""),
        ("<@U0ANA>", "U0ANA", ""),
        ("<@U0ANA|ana> Acme  Team", "U0ANA", "Acme Team"),
        ("<http://acme.com|acme.com>", None, "acme.com"),
        ("Acme <https://acme.com/a|acme.com/a> &amp; Co", None, "Acme acme.com/a & Co"),
        ("<mailto:a@acme.com|a@acme.com>", None, "a@acme.com"),
        ("Acme <@W0ANA>", "W0ANA", "Acme"),
        ("R&amp;D &lt;x&gt;", None, "R&D <x>"),
        ("me@example.com", None, "me@example.com"),
    ],
)
def test_a_mention_and_the_words_around_it_are_told_apart(text: str, person: str | None, words: str) -> None:
    assert split_mention(text) == (person, words)


def test_several_people_are_found_in_their_order() -> None:
    assert mentions_in("<@U0ANA|ana> to  <@U0BEN>") == (["U0ANA", "U0BEN"], "to")


@pytest.mark.parametrize(
    ("text", "recipients"),
    [
        ("<@U0ANA|ana> by  Friday,\nplease", (("U0ANA",), "", "by  Friday,\nplease")),
        ("<@U0ANA>, <@U0BEN>  and <@W1|cara> <@U0BEN> please", (("U0ANA", "U0BEN", "W1"), "", "please")),
        ("<@U0ANA> and tell <@U0BEN>", (("U0ANA",), "", "and tell <@U0BEN>")),
        ("<!subteam^S0SOCIAL1|@social>", ((), "S0SOCIAL1", "")),
        ("please <@U0ANA>", None),
        ("<!here> all", None),
        ("", None),
    ],
)
def test_recipients_stand_at_the_beginning(text: str, recipients: tuple[tuple[str, ...], str, str] | None) -> None:
    assert split_recipients(text) == recipients


@pytest.mark.parametrize(
    "text", ["<@U0ANA> @nobody please", "@nobody", "<@U0ANA> <!subteam^S1>", "<!subteam^S1> <@U0ANA>"]
)
def test_somebody_who_would_be_left_out_is_refused(text: str) -> None:
    with pytest.raises(NotAPerson):
        split_recipients(text)


@pytest.mark.parametrize(
    ("words", "person"),
    [("<@U0ANA|ana>", "U0ANA"), ("U0ANA", "U0ANA"), ("u0ana", None), ("Unilever", None), ("", None)],
)
def test_words_that_are_nothing_but_a_person_mean_that_person(words: str, person: str | None) -> None:
    assert person_in(words) == person
