"""`/connect status`, and *Status* in a row's menu on an admin's Home: its accounts, and which need somebody."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import Message, RefId, TeamId, UserId
from bot.deps import Deps
from bot.home.status import open_status, show_stored_status
from bot.home.status_views import STATUS_TITLE
from bot.mappings.held import held_by
from bot.people import access
from bot.profiles.account_status import dismiss, read_own_status
from bot.profiles.errors import OwnStatusOnly, ProfileTaken
from bot.profiles.views import dismissed, status
from bot.slack.actions import DISMISS, STATUS_OF, read_owned
from bot.slack.blocks import sentence
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged, modal_session
from bot.slack.mentions import split_mention
from bot.slack.model import ResponseUrl, beside
from bot.slack.requests import Click, Command, read_click
from handlers.list_mappings import list_mappings


async def show_status(deps: Deps, command: Command, words: str) -> None:
    """Show the accounts of the caller's profiles; to an admin who mentions somebody else, the list of theirs."""
    mentioned, _ = split_mention(words)
    if mentioned not in {None, command.user} and await _is_admin(deps, command):
        await list_mappings(deps, command, words)
        return
    message = await own_status(deps, command.team, command.user, words, response_url=command.response_url)
    await reply(deps, command.team, command.user, command.response_url, message)


async def _is_admin(deps: Deps, command: Command) -> bool:
    return await access.is_admin(deps, command.team, await access.check_caller(deps, command.viewer))


async def own_status(
    deps: Deps, team: TeamId, user: UserId, words: str, *, response_url: ResponseUrl | None
) -> Message:
    """Return the accounts of a person's profiles, or of those that the words mean."""
    mentioned, title = split_mention(words)
    if mentioned not in {None, user}:
        raise OwnStatusOnly
    found = await read_own_status(deps, team, user, words=title, response_url=response_url)
    return status(found.statuses, owner=user, offered=deps.ayrshare.options.offered, left_out=found.left_out)


async def show_profile_status(deps: Deps, click: Click) -> None:
    """Open a window with the profile's accounts, for admins."""
    owner, ref_id = read_owned(click.value)
    async with modal_session(deps, click, title=STATUS_TITLE) as view:
        await open_status(deps, click.viewer, view, owner=owner, ref_id=ref_id)


async def dismiss_account(deps: Deps, click: Click) -> None:
    """Stop listing an account as disconnected, and show the status without it."""
    ref_id, network, holder = (*click.value.split(":", 2), "")[:3]
    if holder and all(one.ref_id != ref_id for one in await held_by(deps, click.team, UserId(holder))):
        raise ProfileTaken(UserId(holder))
    await dismiss(deps, click.viewer, RefId(ref_id), network)
    if click.view is None:
        await reply(deps, click.team, click.user, beside(click.response_url), sentence(dismissed()))
        return
    owner, ref = read_owned(click.metadata)
    await show_stored_status(deps, click.viewer, click.view, owner=owner, ref_id=ref)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the buttons; the command is in the table of commands."""
    app.action(STATUS_OF.action_id)(acknowledged(deps, read_click, show_profile_status))
    app.action(DISMISS.action_id)(acknowledged(deps, read_click, dismiss_account))
