"""Numbers and durations as they stand in sentences, which are made from the limits."""

from datetime import timedelta

import pytest

from bot.slack.text import number_in_words, span_in_words

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("span", "words"),
    [(SECOND, "a second"), (HOUR, "an hour"), (2 * HOUR, "2 hours"), (7 * DAY, "a week"), (8 * DAY, "8 days")],
)
def test_a_duration_in_a_sentence(span: timedelta, words: str) -> None:
    assert span_in_words(span) == words


@pytest.mark.parametrize(("number", "words"), [(5, "five"), (6, "6"), (1000, "a thousand"), (2500, "2,500")])
def test_a_number_in_a_sentence(number: int, words: str) -> None:
    assert number_in_words(number) == words
