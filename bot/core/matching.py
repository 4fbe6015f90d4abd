"""One form in which titles and typed words are compared, whatever keyboards, editors and Slack make of them.

Slack's editor makes curly quotes and dashes, and names emoji (`:tada:`); macOS takes letters and their accents apart.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

LOOKALIKES = str.maketrans(
    dict.fromkeys("‘’‚‛′`´ʼ＇", "'")  # noqa: RUF001 - quotes that look alike are the matter
    | dict.fromkeys("“”„‟″«»＂", '"')  # noqa: RUF001 - as above
    | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")  # noqa: RUF001 - as above
)
DASHES = re.compile(r"-{2,}")
SKIN_TONE = re.compile(r":skin-tone-\d:|[\U0001f3fb-\U0001f3ff]")
EMOJI_NAME = re.compile(r":[a-z0-9_+'-]+:")
VARIATION = range(0xFE00, 0xFE10)
"""Characters that choose between a letter and its emoji."""


def folded(text: str) -> str:
    """Return the form of a text that is compared: without case, invisible characters, kinds of quotes and dashes."""
    if text.isascii() and not re.search(r":|--|  |`", text):
        return text.casefold().strip()
    plain = unicodedata.normalize("NFKC", _with_emoji(text.translate(LOOKALIKES))).casefold()
    visible = "".join(one for one in plain if unicodedata.category(one) != "Cf" and ord(one) not in VARIATION)
    return " ".join(DASHES.sub("-", SKIN_TONE.sub("", visible)).split())


def best_matches(items: Iterable[T], words: str, *, title: Callable[[T], str]) -> tuple[T, ...]:
    """Return the items with exactly these words as title, else those whose titles contain them.

    Words in quotes, as titles are often quoted, are looked for without them too.
    """
    titles = [(folded(title(item)), item) for item in items]
    wanted = folded(words)
    for sought in dict.fromkeys((wanted, wanted.strip("'\" "))):
        exact = tuple(item for one, item in titles if one == sought)
        found = exact or tuple(item for one, item in titles if sought in one)
        if found:
            return found
    return ()


def _with_emoji(text: str) -> str:
    if not EMOJI_NAME.search(text):
        return text
    from rich.emoji import Emoji  # noqa: PLC0415 - its table is large, and few titles have a name of an emoji

    return Emoji.replace(text)
