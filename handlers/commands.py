"""The slash command: one table of what can be typed, which the dispatcher and the help both use."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.home.help_views import usage
from bot.profiles.errors import NoSuchProfile, NotMapped
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.listener import acknowledged
from bot.slack.requests import Command, read_command
from handlers.connect import offer_link
from handlers.handover import hand_over
from handlers.list_mappings import list_mappings
from handlers.mail_link import mail_link
from handlers.map_profile import open_map
from handlers.send import send
from handlers.status import show_status
from handlers.unmap import unmap


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One thing that can be typed: its words, what follows them, what it does."""

    words: tuple[str, ...]
    follows: str
    meaning: str
    run: Callable[[Deps, Command, str], Awaitable[None]]


async def show_usage(deps: Deps, command: Command, _rest: str) -> None:
    """Show what can be typed."""
    await reply(deps, command.user, command.response_url, usage(usage_lines(deps.settings.connect_command)))


SUBCOMMANDS = (
    Subcommand((), "", "a link for your profile", offer_link),
    Subcommand((), "part of a title", "a link for one of several profiles", offer_link),
    Subcommand((), "@someone [part of a title]", "a link for somebody else's profile (admins)", offer_link),
    Subcommand(("email",), "[@someone] [part of a title]", "a link by mail (somebody else's: admins)", mail_link),
    Subcommand(("status",), "[part of a title]", "what is linked, and what needs attention", show_status),
    Subcommand(("send",), "@someone [note]", "ask somebody to link their accounts", send),
    Subcommand(("send",), "@group [note]", "ask everybody in a user group (admins)", send),
    Subcommand(("list",), "[filter]", "who looks after which profile (admins)", list_mappings),
    Subcommand(("map",), "[@someone]", "map a profile to somebody (admins)", open_map),
    Subcommand(("unmap",), "@someone [part of a title]", "take a profile from somebody (admins)", unmap),
    Subcommand(("handover",), "@old @new", "hand somebody's profiles over to somebody else (admins)", hand_over),
    Subcommand(("help",), "", "this list", show_usage),
)


def usage_lines(command: str) -> list[tuple[str, str]]:
    """Return what can be typed and what it does, line by line."""
    return [(" ".join((command, *one.words, one.follows)).strip(), one.meaning) for one in SUBCOMMANDS]


def find(text: str) -> tuple[Subcommand, str]:
    """Return what a typed text means and what follows its words; the longest match wins."""
    typed = text.split()
    for one in sorted(SUBCOMMANDS, key=lambda subcommand: -len(subcommand.words)):
        if tuple(word.casefold() for word in typed[: len(one.words)]) == one.words:
            return one, " ".join(typed[len(one.words) :])
    raise AssertionError("the table has an entry without words")  # pragma: no cover


async def dispatch(deps: Deps, command: Command) -> None:
    """Do what was typed; words that mean nothing are answered with the usage."""
    subcommand, rest = find(command.text)
    try:
        await subcommand.run(deps, command, rest)
    except (NoSuchProfile, NotAPerson, NotMapped) as error:
        if isinstance(error, NotMapped) and not rest:
            raise
        lines = usage_lines(deps.settings.connect_command)
        await reply(deps, command.user, command.response_url, usage(lines, trouble=error.sentence))


def _name(command: Command) -> str:
    return find(command.text)[0].run.__name__


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the slash command."""
    app.command(deps.settings.connect_command)(acknowledged(deps, read_command, dispatch, named=_name))
