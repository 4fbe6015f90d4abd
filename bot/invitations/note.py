"""The note of an invitation: plain words without links, wherever a link may hide.

A name with dots is a host if its last part is a top-level domain: Slack and phones make a link of `ok.so`, too. A last
part with a capital letter, as in "mend it.So far", is the start of a sentence, unless no sentence starts with it.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from bot.core.visible import is_visible, without_invisible
from bot.invitations.errors import EmptyNote, LinkInNote, NoteTooLong
from bot.invitations.model import NOTE_LIMIT

TOP_LEVEL = Path(__file__).with_name("top_level_domains.txt")
COUNTRY_CODE = 2
"""Letters."""
BEGINS_A_SENTENCE = "am as at be by de do es il im in is it je la ma me my na ne ni no sa sc se si so to us"
"""Codes of countries that are words, too, or end a degree."""
BEGINS_NONE = """
app bid biz bot buzz cam com cyou dev edu fyi gmbh goog gov guru icu inc info kim lan llc lol mil mobi mov net onion ooo
org porn promo pub rip site tel test vip wang website wiki wtf xyz
"""
IN_HOUSE = "example foo home internal invalid lan local localhost onion test"
"""Last parts of hosts that some networks have, and that are no top-level domains."""
ADDRESS = re.compile(
    r"""<[a-z][a-z0-9+.-]*:                             # Slack's markup of addresses: <https://…>, <mailto:…>
      | [a-z][a-z0-9+.-]*://
      | \b(?:mailto|javascript):\S | \bdata:\w+/\w | \b(?-i:tel|sms):\S   # Tel:0123 is a word and a number
      | \bwww\.\S
      | [\w.+-]+@[\w-]+(?:\.[\w-]+)+                    # an e-mail address
      | (?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\d)   # an IP address
      | (?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b | (?<!\w)(?:[0-9a-f]{1,4}:)+:[0-9a-f]{1,4}\b
      | \bxn--[\w-]+
    """,
    re.IGNORECASE | re.VERBOSE,
)
HOST = re.compile(r"(?<![\w-])(?:[\w\u2190-\U0010ffff-]+\.)+([^\W\d_]{2,})(?![\w-])(?:\.(?!\w))?(?=([/:?\#][\w/?\#]))?")
"""A host name's last part, and what follows if it is a path or a port."""
DOTS = str.maketrans("。．｡․", "....")  # noqa: RUF001 - browsers take them for dots


def checked_note(text: str) -> str:
    """Return a note without invisible characters and empty lines; raise NoteRefused if it is long or has a link."""
    note = "\n".join(filter(None, map(without_invisible, text.splitlines())))
    if text.strip() and not is_visible(note):
        raise EmptyNote
    if len(note) > NOTE_LIMIT:
        raise NoteTooLong(len(note))
    if _has_link(_without_marks(note.translate(DOTS))):
        raise LinkInNote
    return note


def _has_link(note: str) -> bool:
    return bool(ADDRESS.search(note)) or any(map(_is_host, HOST.finditer(note)))


def _is_host(found: re.Match[str]) -> bool:
    last, path = found[1], found[2]
    begins_a_sentence = last[0].isupper() and not last.isupper() and not _begins_none(last.lower())
    return last.lower() in _top_level() and (path is not None or not begins_a_sentence)


def _begins_none(last: str) -> bool:
    """Return whether no sentence begins so: the code of a country that is no word, or another from the list."""
    is_country = len(last) == COUNTRY_CODE and last not in BEGINS_A_SENTENCE.split()
    return is_country or last in BEGINS_NONE.split()


@cache
def _top_level() -> frozenset[str]:
    """Return all top-level domains, from the file of the Internet Assigned Numbers Authority."""
    _, *lines = TOP_LEVEL.read_text(encoding="utf-8").splitlines()
    return frozenset(map(_without_marks, f"{' '.join(lines)} {IN_HOUSE}".split()))


def _without_marks(text: str) -> str:
    """Return text in one form, without vowel signs and accents, which are no letters to a pattern."""
    return "".join(one for one in unicodedata.normalize("NFKC", text) if not unicodedata.category(one).startswith("M"))
