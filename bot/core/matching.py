"""One form in which titles and typed words are compared, whatever keyboards, editors and Slack make of them.

Slack's editor makes curly quotes and dashes, and names emoji (`:tada:`); macOS takes letters and their accents apart.
Slack's markup of people and addresses is undone before (`slack/mentions.py`).
"""

import re
import string
import unicodedata
from collections.abc import Callable, Iterable
from functools import reduce
from typing import TypeVar

from bot.core.visible import BLANK

T = TypeVar("T")

LOOKALIKES = str.maketrans(
    dict.fromkeys("‘’‚‛′`´ʼ＇", "'")  # noqa: RUF001 - quotes that look alike are the matter
    | dict.fromkeys("“”„‟″«»＂", '"')  # noqa: RUF001 - as above
    | dict.fromkeys("‐‑‒–—―−﹘﹣－", "-")  # noqa: RUF001 - as above
)
TURKISH = {"i\u0307": "i", "\u0131": "i"}
"""What becomes of the capital of i in Turkish, and the small letter of I."""
DASHES = re.compile(r"-{2,}")
SKIN_TONE = re.compile(r":skin-tone-\d:|[\U0001f3fb-\U0001f3ff]")
EMOJI_NAME = re.compile(r":[a-z0-9_+'-]+:")
FLAG_NAME = re.compile(r":(?:flag-([a-z]{2})|(cn|de|es|fr|gb|it|jp|kr|ru|uk|us)):")
"""Slack's own names of flags, by their countries: https://github.com/iamcal/emoji-data."""
UNKNOWN_EMOJI = re.compile(r"(?<!\w):[a-z][a-z0-9_+'-]*:(?!\w)")
"""A name that is left: of an emoji that only Slack, or only that workspace, calls so."""
VARIATION = frozenset({0x34F, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)})
"""Marks that choose between forms of a letter, or between a letter and its emoji, or only keep marks in order."""
AROUND = "'\"*_~ "
"""What may stand around a title that was copied: quotes, and Slack's signs for bold, italic and struck-out text."""
PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, " "))
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


def folded(text: str) -> str:
    """Return the form of a text that is compared: without case, invisible marks, kinds of blanks, quotes and dashes.

    The Unicode Standard, 3.13, D146: compatibility caseless matching.
    """
    if text.isascii() and not re.search(r":|--|\s{2}|[\t-\r\x00-\x1f]|`", text):
        return text.casefold().strip()
    plain = _decomposed(_decomposed(_with_emoji(text.translate(LOOKALIKES)))).translate(LOOKALIKES)
    visible = "".join(" " if one in BLANK else one for one in plain if not _is_mark(one))
    return unicodedata.normalize("NFKC", " ".join(DASHES.sub("-", SKIN_TONE.sub("", visible)).split()))


def search_form(text: str) -> str:
    """Return the words of a text, each after a blank, for `has_words`; an emoji of an unknown name is none."""
    plain = UNKNOWN_EMOJI.sub(" ", folded(text))
    if plain.isascii():
        words = plain.translate(PUNCTUATION).split()
    else:
        words = "".join(" " if unicodedata.category(one)[0] == "P" else one for one in plain).split()
    return "".join(f" {word}" for word in words)


def has_words(searched: str, words: str) -> bool:
    """Return whether each of the words begins a word of the text; both are in their search form.

    In a script without blanks between words, one may stand anywhere.
    """
    sought = words.split()
    return bool(sought) and all(f" {one}" in searched or (UNSPACED.match(one) and one in searched) for one in sought)


def best_matches(items: Iterable[T], words: str, *, title: Callable[[T], str]) -> tuple[T, ...]:
    """Return the items with exactly these words as title, else those in whose titles each of the words begins a word.

    Titles are often copied with quotes or formatting around them, so they are looked for without them too.
    """
    titles = [(folded(title(item)), item) for item in items]
    wanted = folded(words)
    bare = wanted.strip(AROUND)
    if exact := tuple(item for one, item in titles if one == wanted):
        return exact
    if exact := tuple(item for one, item in titles if bare and one.strip(AROUND) == bare):
        return exact
    sought = search_form(wanted)
    if UNKNOWN_EMOJI.search(wanted) and (exact := tuple(item for one, item in titles if _letters(one) == sought)):
        return exact
    return tuple(item for one, item in titles if has_words(search_form(one), sought))


def _decomposed(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold())
    return reduce(lambda done, letter: done.replace(letter, TURKISH[letter]), TURKISH, plain)


def _is_mark(letter: str) -> bool:
    return (unicodedata.category(letter) in {"Cf", "Cc", "Cs"} and not letter.isspace()) or ord(letter) in VARIATION


def _letters(title: str) -> str:
    """Return the words of a title that have letters or digits, in their search form."""
    return "".join(f" {word}" for word in search_form(title).split() if any(map(str.isalnum, word)))


def _with_emoji(text: str) -> str:
    if not EMOJI_NAME.search(text):
        return text
    text = FLAG_NAME.sub(_flag, text)
    from rich.emoji import Emoji  # noqa: PLC0415 - its table is large, and few titles have a name of an emoji

    return Emoji.replace(text)


def _flag(name: re.Match[str]) -> str:
    country = {"uk": "gb"}.get(name[2], name[1] or name[2])
    return "".join(chr(ord(letter) - ord("a") + ord("\N{REGIONAL INDICATOR SYMBOL LETTER A}")) for letter in country)
