"""Slack's markup in typed text. A real mention is escaped to `<@U0123|label>`; only the ID in it can be trusted.

https://docs.slack.dev/interactivity/implementing-slash-commands
"""

import html
import re
from typing import NamedTuple

from bot.core.model import UserId
from bot.slack.errors import PeopleAndGroup, SeveralPeople, UnknownPerson

USER_ID = re.compile(r"[UW][A-Z0-9]{1,20}")
ID_LENGTH = 9
"""Letters of Slack's shortest IDs."""
MENTION = re.compile(rf"<@({USER_ID.pattern})(?:\|[^>]*)?>")
MENTION_OR_ID = re.compile(rf"(?:<@)?({USER_ID.pattern})(?:\|[^>]*)?>?")
RECIPIENT = re.compile(
    rf"<(?:@(?P<user>{USER_ID.pattern})|!subteam\^(?P<group>S[A-Z0-9]{{1,20}}))(?:\|[^>]*)?>"
    r"[\s,]*(?:(?:and\b|&amp;)\s*(?=<[@!]|@))?"
)
MARKUP = re.compile(r"<([@#!])([^|>]*)(?:\|([^>]*))?>")
SUBTEAM = re.compile(r"^subteam\^")
ADDRESS = re.compile(r"<([a-z][a-z0-9+.-]*:[^|>\s]+)(?:\|([^>]*))?>", re.IGNORECASE)
"""What Slack makes of words that look like an address: `<http://acme.com|acme.com>`."""
UNKNOWN = re.compile(r"@[\w.-]+")
NOT_A_PERSON = re.compile(r"<[#!@][^>]*>|(?:^|\s)@\S+")
QUOTED = re.compile(r"""["“”„«].*["“”«»]""")
"""A title in quotes, which may have anything in it."""


class Recipients(NamedTuple):
    """The people or the user group that a text begins with, each once, and the text behind the mentions."""

    users: tuple[UserId, ...]
    group: str
    rest: str


def mentions_in(text: str) -> tuple[list[UserId], str]:
    """Return the people mentioned, in order, and the words around, still escaped."""
    return [UserId(one) for one in MENTION.findall(text)], " ".join(MENTION.sub(" ", text).split())


def split_mention(text: str) -> tuple[UserId | None, str]:
    """Return the person mentioned in a command's text, if any, and the words around; raise NotAPerson."""
    mentioned, words = mentions_in(text)
    if len(mentioned) > 1:
        raise SeveralPeople
    if NOT_A_PERSON.search(QUOTED.sub("", words)):
        raise UnknownPerson
    return (mentioned[0] if mentioned else None), as_seen(words)


def split_recipients(text: str) -> Recipients | None:
    """Return the people or the user group that a command's text begins with; None if it begins with neither.

    Raises NotAPerson for somebody whom Slack doesn't know, for several groups, and for a group beside people.
    """
    users, groups = list[UserId](), list[str]()
    while found := RECIPIENT.match(text):
        (users if found["user"] else groups).append(UserId(found["user"] or found["group"]))
        text = text[found.end() :]
    if unknown := UNKNOWN.match(text):
        raise UnknownPerson(html.unescape(unknown[0]))
    if len(groups) > 1 or (groups and users):
        raise PeopleAndGroup
    return Recipients(tuple(dict.fromkeys(users)), "".join(groups), text) if users or groups else None


def mentions_first(text: str) -> tuple[str, str]:
    """Return the mentions that a text begins with, still escaped, and the text behind them."""
    found = re.match(rf"((?:{MENTION.pattern}\s*)*)(.*)", text, re.DOTALL)
    return (found[1].strip(), found[found.re.groups]) if found else ("", text)


def readable(typed: str) -> str:
    """Return what was typed after a command with people and channels by name instead of markup; addresses stay whole.

    https://docs.slack.dev/interactivity/implementing-slash-commands
    """
    return html.unescape(MARKUP.sub(_name, typed))


def as_seen(typed: str) -> str:
    """Return typed text as its author saw it, with the words that Slack made addresses of."""
    return readable(ADDRESS.sub(lambda found: found[2] or found[1], typed))


def _name(markup: re.Match[str]) -> str:
    sign, target, label = markup.groups()
    name = label or SUBTEAM.sub("", target)
    return f"{'#' if sign == '#' else '@'}{name.lstrip('@#')}"


def is_user_id(typed: str) -> bool:
    """Return whether a word is a user ID rather than a name in capitals such as UWE: IDs are long or have digits."""
    return bool(USER_ID.fullmatch(typed)) and (len(typed) >= ID_LENGTH or not typed.isalpha())


def person_in(words: str) -> UserId | None:
    """Return the person if the words are nothing but a mention or an ID."""
    meant = MENTION_OR_ID.fullmatch(words)
    return UserId(meant[1]) if meant else None
