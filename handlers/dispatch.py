"""What is typed after the slash command, and the buttons that stand for it: read, allowed or refused, and run."""

import re
from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.ayrshare.networks import split_networks
from bot.cards.errors import CardGone
from bot.cards.offer import begin_asking
from bot.core.errors import ConnectbotError, Reported
from bot.core.model import Message, TeamId, UserId
from bot.deps import Deps
from bot.help.views import ProfileMenu, not_found
from bot.people import access
from bot.people.errors import NotTheirs
from bot.profiles.choose_profile import has_title
from bot.profiles.errors import NoProfileMatches, NotMapped
from bot.slack.actions import CONNECT_ACCOUNTS, SEE_STATUS, TYPED
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.listener import acknowledged, modal_session
from bot.slack.mentions import MENTION, NOT_A_PERSON, as_seen
from bot.slack.model import beside
from bot.slack.requests import Click, Command, read_click, read_command
from handlers.commands import LINK, InModal, Permission, Subcommand, find, may_administer, near_miss

ME = re.compile(r"(?:me|myself)(?!\S)", re.IGNORECASE)


async def dispatch(deps: Deps, command: Command) -> None:
    """Run what was typed; where nothing is found, say what there is and what was probably meant."""
    subcommand, rest = find(command.text)
    if title := await _title_typed(deps, command, subcommand, rest):
        subcommand, rest = LINK, title
    try:
        await _run(deps, command, subcommand, ME.sub(f"<@{command.user}>", rest, count=1) if ME.match(rest) else rest)
    except (NoProfileMatches, NotMapped, NotTheirs) as error:
        meant = await _meant(deps, command, subcommand, error)
        if not meant and not isinstance(error, NoProfileMatches):
            raise
        message = await not_found_message(deps, command.team, command.user, error, meant=meant, link=subcommand is LINK)
        await reply(deps, command.team, command.user, command.response_url, message)
        raise Reported(error) from error


async def _meant(deps: Deps, command: Command, subcommand: Subcommand, error: ConnectbotError) -> str:
    """Return what was probably meant where nothing was found."""
    if subcommand is LINK:
        return near_miss(command.text, admin=await may_administer(deps, command.viewer))
    return subcommand.words[0] if isinstance(error, NoProfileMatches) and not MENTION.search(command.text) else ""


async def run_typed(deps: Deps, click: Click) -> None:
    """Run what a button stands for, beside its message."""
    if click.response_url is None and not click.in_modal:
        raise CardGone
    typed = Command(click.team, click.user, click.value, beside(click.response_url), click.trigger_id, click.home_team)
    await dispatch(deps, replace(typed, view=click.view))


async def _title_typed(deps: Deps, command: Command, subcommand: Subcommand, rest: str) -> str:
    """Return what was typed, in quotes and before its networks, if it is a title that reads like a subcommand."""
    like_a_command = rest and (subcommand is not LINK or ME.match(rest))
    if MENTION.search(command.text) or not (like_a_command or NOT_A_PERSON.search(command.text)):
        return ""
    words = as_seen(command.text)
    networks, title = split_networks(words) if split_networks(as_seen(rest))[1] else ((), words)
    for named, followed_by in dict.fromkeys([(words, ()), (title, networks)]):
        if await has_title(deps, command.team, command.user, named, part=subcommand.alone):
            return " ".join((f'"{named}"', *followed_by))
    return ""


async def _run(deps: Deps, command: Command, subcommand: Subcommand, rest: str) -> None:
    """Check the permission and run; a modal is opened first, since Slack's trigger lasts three seconds."""
    if not isinstance(subcommand.run, InModal):
        await _check(deps, command, subcommand.permission)
        await subcommand.run(deps, command, rest)
        return
    try:
        draw = subcommand.run.read(deps, command, rest)
    except NotAPerson as error:
        await _check(deps, command, subcommand.permission)
        raise NotAPerson(error.sentence, next_step=subcommand.run.instead) from error
    async with modal_session(deps, command, title=subcommand.run.title) as view:
        await _check(deps, command, subcommand.permission)
        await deps.views.update(command.team, view, await draw())


async def _check(deps: Deps, command: Command, permission: Permission) -> None:
    if permission is Permission.MEMBERS:
        await access.check_caller(deps, command.viewer)
    if permission is Permission.ADMINS:
        await access.check_admin(deps, command.viewer)


async def not_found_message(
    deps: Deps, team: TeamId, user: UserId, error: ConnectbotError, *, meant: str, link: bool
) -> Message:
    """Return what there is instead and what was probably meant; where a link was asked for, with a menu."""
    known = error if isinstance(error, NoProfileMatches) else None
    sentence = known.seen_by(user) if known else ""
    menu = await _menu(deps, team, known) if known and link else None
    return not_found(sentence, command=deps.settings.connect_command, meant=meant, menu=menu)


async def _menu(deps: Deps, team: TeamId, error: NoProfileMatches) -> ProfileMenu | None:
    profiles = await deps.profiles.held_by(team, error.owner)
    networks, _ = split_networks(error.words)
    return ProfileMenu(profiles, error.owner, networks) if profiles else None


def _begin(deps: Deps, command: Command) -> None:
    if find(command.text)[0] is LINK and not MENTION.search(command.text):
        begin_asking(deps, command.viewer)


def _name(command: Command) -> str:
    return find(command.text)[0].name


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the slash command, and to the buttons that stand for one."""
    app.command(deps.settings.connect_command)(acknowledged(deps, read_command, dispatch, named=_name, ahead=_begin))
    for action in (TYPED, CONNECT_ACCOUNTS.action_id, SEE_STATUS.action_id):
        app.action(action)(acknowledged(deps, read_click, run_typed))
