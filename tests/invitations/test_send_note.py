"""The note of an invitation is plain text: no links, and no mentions that notify anybody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.invitations.errors import NoteRefused
from bot.invitations.model import NOTE_LIMIT
from bot.invitations.send import checked_note, readable


@pytest.mark.parametrize(
    "note",
    [
        "see <https://evil.example>",
        "see <https://evil.example/x|our page>",
        "see https://evil.example",
        "HTTPS://EVIL.EXAMPLE",
        "ftp://evil.example",
        "slack://open",
        "www.evil.example",
        "go to evil.example/login",
        "go to evil.example:8080/login",
        "go to 10.0.0.1/login",
        "müller.example/x",
        "<mailto:eve@evil.example|eve>",
    ],
)
def test_a_note_with_a_link_is_refused(note: str) -> None:
    with pytest.raises(NoteRefused, match="link"):
        checked_note(readable(note))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Instagram fell off, please mend it. Thanks!", "Instagram fell off, please mend it. Thanks!"),
        ("and/or tomorrow, e.g. at 9.30", "and/or tomorrow, e.g. at 9.30"),
        ("R&amp;D says 1 &lt; 2", "R&D says 1 < 2"),
        ("ask <@U0CARA001|cara> or <@U0DAN0001>", "ask @cara or @U0DAN0001"),
        ("<!here> <!channel> <!subteam^S0SOCIAL1|@social-leads>", "@here @channel @social-leads"),
        ("in <#C0GENERAL|general>", "in #general"),
        ("two\n lines\tand   gaps", "two lines and gaps"),
        ("left\u202eright\u200b", "leftright"),
        ("&lt;!here&gt; typed as letters", "<!here> typed as letters"),
        ("", ""),
    ],
)
def test_typed_text_is_read_as_its_author_saw_it(typed: str, read: str) -> None:
    assert checked_note(readable(typed)) == read


def test_a_note_has_at_most_300_letters() -> None:
    assert checked_note("x" * NOTE_LIMIT) == "x" * NOTE_LIMIT
    with pytest.raises(NoteRefused, match="301"):
        checked_note("x" * (NOTE_LIMIT + 1))


@given(st.text(max_size=2000))
def test_any_text_gives_a_plain_note_or_is_refused(text: str) -> None:
    try:
        note = checked_note(readable(text))
    except NoteRefused:
        return
    assert len(note) <= NOTE_LIMIT
    assert not re.search("[a-z]://", note, re.IGNORECASE)
