"""A note to a colleague: plain words, in which nothing is a link and nothing calls anybody."""

import html
import re

from bot.invitations.errors import NoteRefused
from bot.invitations.model import LONGEST_NOTE

LINK = re.compile(
    r"""<[a-z][a-z0-9+.-]*:          # as Slack marks addresses up: <https://…>, <mailto:…>
      | [a-z][a-z0-9+.-]*://
      | \bwww\.\S
      | (?:(?:[\w-]+\.)+[\w-]{2,}|\d+(?:\.\d+){3})(?:[/?\#]|:\d)   # a server by name or number, and what follows
      | \b(?:[\w-]+\.)+(?:com|net|org|info|io|co|app|dev|me|link|site|online|xyz|ru|cn|de|uk|eu|fr|us|top|shop)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
MARKED_UP = re.compile(r"<([@#!])([^|>]*)(?:\|([^>]*))?>")
SUBTEAM = re.compile(r"^subteam\^")


def readable(typed: str) -> str:
    """Return what somebody typed behind a command as they saw it: mentions and channels by their names.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    return html.unescape(MARKED_UP.sub(_by_name, typed))


def checked_note(words: str) -> str:
    """Return a note in one line and without letters that can't be seen; raise NoteRefused."""
    note = "".join(letter for letter in " ".join(words.split()) if letter.isprintable())
    if len(note) > LONGEST_NOTE:
        raise NoteRefused(f"A note can have {LONGEST_NOTE} letters at most; this one has {len(note)}.")
    if LINK.search(note):
        raise NoteRefused("A note can't have a link in it. Say it in words, or write to them yourself.")
    return note


def _by_name(marked: re.Match[str]) -> str:
    sign, meant, label = marked.groups()
    name = label or SUBTEAM.sub("", meant)
    return f"{'#' if sign == '#' else '@'}{name.lstrip('@#')}"
