"""Whatever asks for something has a button for it, or there is a reason why no button can do it."""

import re
from collections.abc import Iterator

from bot.cli.texts import all_texts
from bot.cli.texts.render import rendered
from bot.cli.texts.samples import NAMES
from tests.test_voice import FOR_OPERATORS

ASKS = re.compile(
    r"\b(Add|Ask|Check|Choose|Connect(?! Hub)|Copy|Delete|Enter|Give|Join|Leave|Look|Make|Map|Mention|Message|Nudge|"
    r"Open|Press|Remove|Send|Set|Sign in|Start|Stop|Submit|Switch|Take|Tell|Try|Type|Unmap|Use|Write|"
    r"can \w+ (?:it|them|guests)|can set)\b"
)
BUTTON = re.compile(r"\[(?!Close\]|Cancel\])[^\]]+\]|<[^@]")
WITHOUT = {
    "only whoever runs the bot can, and the bot doesn't know who that is in Slack": (
        *("Tell whoever runs", "Ask whoever runs", "Whoever runs", "They can switch it on"),
    ),
    "a program reads it": ("API key that works", "as JSON", "Idempotency-Key", "Ask again in a second"),
    "it is on a web page, whose own button or address it is about": (
        *("Ask Ana Alves", "Check that you have all", "Press the button again", "Start again.", "in ten minutes"),
    ),
    "the input, the menu or the button is in front of whoever reads it": (
        *(
            "Enter a number",
            "Enter a title",
            "from Ayrshare again",
            "another profile's key",
            "Choose it above",
            'Choose "One that',
        ),
        *("Press Send to", "press Send again"),
        *("Choose another", "same title again", "below", "Use an existing one", "Submit", "Open it again"),
        *(
            "my Home tab",
            "Send this to Jane",
            "Copy it now",
            "Connect your accounts so that",
            "Map it",
            "Map a profile",
        ),
    ),
    "no press helps before some time has passed": (
        *("Try again tomorrow", "Try again in 5 min", "Try again when", "Try again in a minute", "Try again in 1 s"),
        *("Ask @Ben again when", "Try again in 300 s", "Try again in a moment"),
    ),
    "a person has to be spoken to, or something looked at outside": (
        *(
            "essage them directly",
            "Tell them yourself",
            "Message one directly",
            "inbox before",
            "Check in Slack",
            "disconnect it",
        ),
        *(
            "Tell an admin",
            "Check that the address",
            "one of its members",
            "Join first",
            "bring it back",
            "Delete it there",
            "Unmap it",
        ),
    ),
    "it is a line of something that has the button": (
        *("An admin can give them one", "Ask again", "Ask an admin for help"),
        *("Connect accounts", "Connect LinkedIn", "Connect another", "Connect the accounts", "Connect more accounts"),
    ),
}
"""Why some of what asks for something has no button, and what it says."""


def asked_without_a_button() -> Iterator[str]:
    for text in all_texts():
        whole = " ".join(line.removeprefix("text: ") for line in rendered(text.shown, NAMES))
        if not BUTTON.search(whole) and not text.made_by.startswith(FOR_OPERATORS):
            sentences = (one for one in re.split(r"(?<=[.!?])\s+", whole) if ASKS.search(one))
            yield from (f"{text.made_by}: {one}" for one in sentences)


def test_what_asks_for_something_has_a_button_or_there_is_a_reason() -> None:
    asked, excused = list(asked_without_a_button()), [words for reason in WITHOUT.values() for words in reason]
    assert [one for one in asked if not any(words in one for words in excused)] == []
    assert [words for words in excused if not any(words in one for one in asked)] == []
