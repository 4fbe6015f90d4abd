"""The note of an invitation is plain text: no links, and no mentions that notify anybody."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.invitations.errors import NoteRefused
from bot.invitations.model import NOTE_LIMIT
from bot.invitations.note import checked_note
from bot.slack.mentions import readable

JOINED = "👩\u200d💻 ❤\ufe0f \u0645\u06cc\u200c\u062e\u0648\u0627 \u0915\u094d\u200d\u0937"
"""Emoji, Persian and Hindi that are spelled with joiners."""
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


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
        "see bit.ly.",
        "see evil.ai and sign in",
        "see EVIL.AI",
        "ask at 10.0.0.1 today",
        "write to eve@evil.example",
        "bit\u200b.ly",
        "bit\uff0ely/x",
        "evil\u3002ai",
        "xn--mller-kva.example",
        "see [2001:db8::1]",
        "mailto:eve",
        "go to acme.store: now",
        "see Evil.Com and sign in",
        "see Bit.Ly",
        "see evil.It/login",
        "see Evil.App",
        "see пример.рф",
        "see 例え.中国",
        "no, it's ok.so he said",
        "run setup.sh, read README.md",
        "see evil.quest",
        "see evil.christmas",
        "see मेरी.भारत",
        "here...evil.com",
        ".evil.com",
        "see пример.дети",
        "see i❤.ws",
        "🙂.ws",
        "data:text/html,x",
        "tel:+4930123456",
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
        ("bis 17:30 Uhr, 24.12.2026", "bis 17:30 Uhr, 24.12.2026"),
        ("17.30/18.00 Uhr, z.B. heute/morgen", "17.30/18.00 Uhr, z.B. heute/morgen"),
        ("i.e./e.g. p.m. u.a. v2.0.1 No.5", "i.e./e.g. p.m. u.a. v2.0.1 No.5"),
        ("please mend it.So far only TikTok.It fell off", "please mend it.So far only TikTok.It fell off"),
        ("done.Best regards, now.Im Büro ok.It M.Sc. Co.Ltd", "done.Best regards, now.Im Büro ok.It M.Sc. Co.Ltd"),
        ("it is ok.So he said, TikTok.YouTube", "it is ok.So he said, TikTok.YouTube"),
        ("mend it...so far. Report.pdf, Bild.png", "mend it...so far. Report.pdf, Bild.png"),
        ("Instagram.Facebook/TikTok, and/or X", "Instagram.Facebook/TikTok, and/or X"),
        ("v1.2.3.4, Tel:030/12345, data:please", "v1.2.3.4, Tel:030/12345, data:please"),
        ("...thanks.. 1.234.567,89 and 1.2.3", "...thanks.. 1.234.567,89 and 1.2.3"),
        (JOINED, JOINED),
        (
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
            "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        ),
        ("pay\u200dpal a\u200cb", "paypal ab"),
        ("R&amp;D says 1 &lt; 2", "R&D says 1 < 2"),
        ("ask <@U0CARA001|cara> or <@U0DAN0001>", "ask @cara or @U0DAN0001"),
        ("<!here> <!channel> <!subteam^S0SOCIAL1|@social-leads>", "@here @channel @social-leads"),
        ("in <#C0GENERAL|general>", "in #general"),
        ("two\n lines\tand   gaps", "two\nlines and gaps"),
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


@pytest.mark.parametrize(
    "note", ["\u200b", "\u2800 \u3164", "\u202e\u2066", "\u0301", "\U000e0041", "\ufffc\U0001d159"]
)
def test_a_note_of_nothing_visible_is_refused(note: str) -> None:
    with pytest.raises(NoteRefused, match="only invisible"):
        checked_note(readable(note))


@given(st.text(max_size=2000))
def test_any_text_gives_a_plain_note_or_is_refused(text: str) -> None:
    try:
        note = checked_note(readable(text))
    except NoteRefused:
        return
    assert len(note) <= NOTE_LIMIT
    assert not re.search("[a-z]://", note, re.IGNORECASE)
