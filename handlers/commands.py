"""The slash command: one table of what can be typed, by whom, and what it does; the dispatcher and the help use it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from slack_bolt.async_app import AsyncApp

from bot.core.matching import folded
from bot.deps import Deps
from bot.home.views import usage
from bot.mappings.map_views import MODAL_TITLE as MAP_TITLE
from bot.mappings.removal_views import HANDOVER_TITLE, UNMAP_TITLE
from bot.people import access
from bot.profiles.errors import NoSuchProfile, NotMapped
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.listener import Drawing, acknowledged, modal_session
from bot.slack.requests import Command, read_command
from handlers.connect import mail_link, offer_link
from handlers.handover import hand_over
from handlers.list_mappings import list_mappings
from handlers.map_profile import open_map
from handlers.send import send
from handlers.status import show_status
from handlers.unmap import unmap


class Permission(Enum):
    """Who may use a subcommand; whose profile it may be about is decided by its use case."""

    EVERYBODY = "everybody"
    MEMBERS = "members"
    ADMINS = "admins"


@dataclass(frozen=True, slots=True)
class InModal:
    """A subcommand that opens a modal: `read` reads what follows its words, and returns what fills the modal."""

    title: str
    read: Callable[[Deps, Command, str], Drawing]


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One thing that can be typed: its words, what follows them, what it does and for whom."""

    words: tuple[str, ...]
    follows: str
    meaning: str
    permission: Permission
    run: Callable[[Deps, Command, str], Awaitable[None]] | InModal

    @property
    def name(self) -> str:
        """Its name in metrics."""
        return self.run.read.__name__ if isinstance(self.run, InModal) else self.run.__name__

    @property
    def help(self) -> str:
        """What it does, and that it is for admins if it is."""
        return f"{self.meaning} (admins)" if self.permission is Permission.ADMINS else self.meaning


async def show_usage(deps: Deps, command: Command, _rest: str) -> None:
    """Show what can be typed."""
    await reply(deps, command.user, command.response_url, usage(usage_lines(deps.settings.connect_command)))


EVERYBODY, MEMBERS, ADMINS = Permission.EVERYBODY, Permission.MEMBERS, Permission.ADMINS
MAP_MODAL = InModal(MAP_TITLE, open_map)
UNMAP_MODAL = InModal(UNMAP_TITLE, unmap)
HAND_OVER_MODAL = InModal(HANDOVER_TITLE, hand_over)

SUBCOMMANDS = (
    Subcommand((), "", "a link for your profile", MEMBERS, offer_link),
    Subcommand((), "part of a title", "a link for one of several profiles", MEMBERS, offer_link),
    Subcommand((), "[part of a title] instagram", "a link for one network", MEMBERS, offer_link),
    Subcommand((), "@someone [part of a title]", "a link for somebody else's profile (admins)", MEMBERS, offer_link),
    Subcommand(
        ("email",), "[@someone] [part of a title]", "a link by mail (somebody else's: admins)", MEMBERS, mail_link
    ),
    Subcommand(("status",), "[part of a title]", "what is linked, and what needs attention", MEMBERS, show_status),
    Subcommand(("send",), "@someone [note]", "ask somebody to link their accounts", MEMBERS, send),
    Subcommand(("send",), "@group [note]", "ask everybody in a user group (admins)", MEMBERS, send),
    Subcommand(("list",), "[filter]", "who looks after which profile", ADMINS, list_mappings),
    Subcommand(("map",), "[@someone]", "map a profile to somebody", ADMINS, MAP_MODAL),
    Subcommand(("unmap",), "@someone [part of a title]", "take a profile from somebody", ADMINS, UNMAP_MODAL),
    Subcommand(("handover",), "@old @new", "hand somebody's profiles over to somebody else", ADMINS, HAND_OVER_MODAL),
    Subcommand(("help",), "", "this list", EVERYBODY, show_usage),
)


def usage_lines(command: str) -> list[tuple[str, str]]:
    """Return what can be typed and what it does, line by line."""
    return [(" ".join((command, *one.words, one.follows)).strip(), one.help) for one in SUBCOMMANDS]


def find(text: str) -> tuple[Subcommand, str]:
    """Return the subcommand with the most words that a text begins with, and what follows them."""
    typed = text.split()
    for one in sorted(SUBCOMMANDS, key=lambda subcommand: -len(subcommand.words)):
        if tuple(folded(word) for word in typed[: len(one.words)]) == one.words:
            return one, " ".join(typed[len(one.words) :])
    raise AssertionError("the table has an entry without words")  # pragma: no cover


async def dispatch(deps: Deps, command: Command) -> None:
    """Run the subcommand that was typed; answer words that mean nothing with the usage."""
    subcommand, rest = find(command.text)
    try:
        await _run(deps, command, subcommand, rest)
    except (NoSuchProfile, NotAPerson, NotMapped) as error:
        if isinstance(error, NotMapped) and not rest:
            raise
        lines = usage_lines(deps.settings.connect_command)
        await reply(deps, command.user, command.response_url, usage(lines, trouble=error.sentence))


async def _run(deps: Deps, command: Command, subcommand: Subcommand, rest: str) -> None:
    """Check the permission and run; a modal is opened first, since Slack's trigger lasts three seconds."""
    if not isinstance(subcommand.run, InModal):
        await _check(deps, command, subcommand.permission)
        await subcommand.run(deps, command, rest)
        return
    draw = subcommand.run.read(deps, command, rest)
    async with modal_session(deps, command, title=subcommand.run.title) as view:
        await _check(deps, command, subcommand.permission)
        await deps.views.update(view, await draw())


async def _check(deps: Deps, command: Command, permission: Permission) -> None:
    if permission is Permission.MEMBERS:
        await access.check_caller(deps, team=command.team, caller=command.user)
    if permission is Permission.ADMINS:
        await access.check_admin(deps, team=command.team, caller=command.user)


def _name(command: Command) -> str:
    return find(command.text)[0].name


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the slash command."""
    app.command(deps.settings.connect_command)(acknowledged(deps, read_command, dispatch, named=_name))
