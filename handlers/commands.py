"""One table of what can be typed after the slash command: its words, who may, and what it does."""

import difflib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from bot.ayrshare.networks import corrected
from bot.core.errors import ConnectbotError, NextStep
from bot.core.matching import folded
from bot.core.model import Message, Viewer
from bot.deps import Deps
from bot.help.views import admins_help, help_message
from bot.mappings.errors import SEE_LIST
from bot.mappings.map_views import MODAL_TITLE as MAP_TITLE
from bot.mappings.removal_views import HANDOVER_TITLE, UNMAP_TITLE
from bot.people import access
from bot.slack.actions import MAP_A_PROFILE
from bot.slack.delivery import reply
from bot.slack.listener import Drawing
from bot.slack.mentions import mentions_first
from bot.slack.requests import Command
from handlers.client_links import invite
from handlers.connect import cancel_links, mail_link, offer_link, reconnect_link
from handlers.handover import hand_over
from handlers.help import show_home, show_version
from handlers.list_mappings import list_mappings
from handlers.map_profile import open_map
from handlers.send import send
from handlers.status import show_status
from handlers.unmap import unmap

AROUND = "-/,.;:!"
"""What people type around a word that is meant as a subcommand."""
SIMILAR = 0.74
"""From which likeness (`difflib`) a word may be a mistyped one: "hlep" has 0.75."""
LONGEST_GUESS = 500
"""Characters; what was guessed travels in a button."""
QUOTES = frozenset("\"'“”„«»")


class Permission(Enum):
    """Who may use a subcommand; whose profile it may be about is decided by its use case."""

    EVERYBODY = "everybody"
    MEMBERS = "members"
    BY_OWNER = "by_owner"
    """Its use case decides, once it knows whose link is asked for."""
    ADMINS = "admins"


@dataclass(frozen=True, slots=True)
class InModal:
    """A subcommand that opens a modal: `read` reads what follows its words, and returns what fills the modal.

    `instead` does without what was typed.
    """

    title: str
    read: Callable[[Deps, Command, str], Drawing]
    instead: NextStep


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One thing that can be typed.

    The first of its `words` is the one that is shown; `alone`: nothing follows them. `for_admins` are lines of the
    admins' help: what follows, and what it does.
    """

    words: tuple[str, ...]
    permission: Permission
    run: Callable[[Deps, Command, str], Awaitable[None]] | InModal
    for_admins: tuple[tuple[str, str], ...] = ()
    alone: bool = False

    @property
    def name(self) -> str:
        """Its name in metrics."""
        return self.run.read.__name__ if isinstance(self.run, InModal) else self.run.__name__


async def show_help(deps: Deps, command: Command, _rest: str) -> None:
    """Show what the person can do."""
    message = await help_for(deps, command.viewer)
    await reply(deps, command.team, command.user, command.response_url, message)


EVERYBODY, MEMBERS, BY_OWNER, ADMINS = Permission
MAP_MODAL = InModal(MAP_TITLE, open_map, NextStep(MAP_A_PROFILE))
UNMAP_MODAL = InModal(UNMAP_TITLE, unmap, SEE_LIST)
HAND_OVER_MODAL = InModal(HANDOVER_TITLE, hand_over, SEE_LIST)

LINK = Subcommand(("", "connect", "link"), BY_OWNER, offer_link, (("@ben", "a link for Ben's profile"),))
STATUS = Subcommand(("status",), MEMBERS, show_status)
SEND = Subcommand(("send", "ask"), MEMBERS, send, (("@group please", "asks everyone in a user group"),))
INVITE = Subcommand(("invite",), BY_OWNER, invite, (("acme", "makes a link for a client outside Slack"),))
HELP = Subcommand(("help", "?", "h", "usage", "hi", "hello", "hey"), EVERYBODY, show_help, alone=True)
SUBCOMMANDS = (
    LINK,
    STATUS,
    SEND,
    Subcommand(("reconnect", "fix"), BY_OWNER, reconnect_link),
    Subcommand(("email", "e-mail", "mail"), MEMBERS, mail_link, (("@ben", "emails Ben a link"),)),
    Subcommand(("cancel", "revoke", "cancel link", "cancel links"), MEMBERS, cancel_links),
    Subcommand(("list",), ADMINS, list_mappings, (("acme", "who has which profile"),)),
    Subcommand(("map", "assign"), ADMINS, MAP_MODAL, (("@ben", "gives Ben a profile"),)),
    Subcommand(("unmap", "unassign", "remove"), ADMINS, UNMAP_MODAL, (("@ben", "takes a profile from Ben"),)),
    Subcommand(("handover", "hand over"), ADMINS, HAND_OVER_MODAL, (("@ben @cara", "gives Ben's profiles to Cara"),)),
    INVITE,
    Subcommand(("home",), MEMBERS, show_home, alone=True),
    Subcommand(("version",), EVERYBODY, show_version, alone=True),
    HELP,
)
BY_WORD = {word: one for one in SUBCOMMANDS for word in one.words if word}
WORDS_AT_MOST = max(len(word.split()) for word in BY_WORD)
ON_LINES = (LINK, STATUS, SEND, HELP)
MORE = tuple(one.words[0] for one in SUBCOMMANDS if one.permission is not ADMINS and one not in (*ON_LINES, INVITE))
"""What is not on one of the lines of the help, nor mostly for admins."""
FOR_ADMINS = tuple(
    (f"{one.words[0]} {follows}".strip(), meaning) for one in SUBCOMMANDS for follows, meaning in one.for_admins
)


def find(text: str) -> tuple[Subcommand, str]:
    """Return the subcommand that a text begins with, and what follows its words: a link where there is none."""
    typed = text.split()
    while len(typed) > 1 and BY_WORD.get(_word(typed[0])) is LINK:
        del typed[0]
    for size in range(min(WORDS_AT_MOST, len(typed)), 0, -1):
        found = BY_WORD.get(_word(" ".join(typed[:size])))
        if found:
            return found, " ".join(typed[size:])
    return LINK, " ".join(typed)


def asks_for_link(text: str) -> bool:
    """Return whether a text begins with a word for a link, not just with a title."""
    return bool(text.strip()) and BY_WORD.get(_word(text.split(maxsplit=1)[0])) is LINK


def near_miss(text: str, *, admin: bool) -> str:
    """Return what a person probably meant, who mistyped a subcommand that they may use; nothing if that is unlikely.

    A subcommand behind the person that it is about is put in front. A network may be mistyped, too.
    """
    people, words = mentions_first(text)
    first, _, rest = words.partition(" ")
    if not people and _word(first) in BY_WORD:
        return ""  # it was understood
    known = [word for word, one in BY_WORD.items() if len(word) > 1 and (admin or one.permission is not ADMINS)]
    similar = [word for word in known if sorted(word) == sorted(_word(first))]  # two letters changed places
    similar += difflib.get_close_matches(_word(first), known, n=1, cutoff=SIMILAR)
    if first[:1] in QUOTES or len(text) > LONGEST_GUESS:
        return ""
    if not similar:
        return HELP.words[0] if HELP.words[0] in map(_word, words.split()) else corrected(text)
    return " ".join(filter(None, (similar[0], *(() if BY_WORD[similar[0]].alone else (people, rest)))))


async def help_for(deps: Deps, who: Viewer) -> Message:
    """Return the help with what this person may do; where Slack can't tell whether they are an admin, without that."""
    typed = deps.settings.connect_command
    message = help_message(typed, more=MORE)
    return admins_help(message, typed, for_admins=FOR_ADMINS) if await may_administer(deps, who) else message


async def may_administer(deps: Deps, who: Viewer) -> bool:
    """Return whether a person is served and an admin, as far as can be told."""
    try:
        person = await access.check_caller(deps, who)
        return await access.is_admin(deps, who.team, person)
    except ConnectbotError:
        return False


def _word(typed: str) -> str:
    plain = folded(typed).strip(AROUND)
    return plain.rstrip("?") or plain
