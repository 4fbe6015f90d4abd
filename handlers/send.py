"""`/connect send @someone`, and the same by shortcut: somebody asks a colleague to link their accounts."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import UserId
from bot.deps import Deps
from bot.invitations.errors import NoteRefused
from bot.invitations.group.send import GroupInvitationRequest
from bot.invitations.group.send import send as send_to_group
from bot.invitations.group.views import sending_begun
from bot.invitations.model import Invitation
from bot.invitations.note import readable
from bot.invitations.receipt_views import on_its_way
from bot.invitations.send import InvitationRequest, invite
from bot.invitations.send_form import NOTE, PERSON, WINDOW, send_form
from bot.slack.actions import SEND_ANYWHERE, SEND_FORM, SEND_TO, SEND_TO_AUTHOR
from bot.slack.blocks import loading
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.listener import acknowledged
from bot.slack.mentions import split_recipient
from bot.slack.model import Reply
from bot.slack.requests import Click, Command, Shortcut, Submission, read_click, read_shortcut
from bot.slack.submit import Result, in_time_or_later, saying, showing_result, submitted


async def send(deps: Deps, command: Command, rest: str) -> None:
    """Ask the person, or everybody in the user group, that was mentioned first; what follows is the note."""
    meant = split_recipient(rest)
    if meant is None:
        raise NotAPerson(f"Whom shall I ask? Mention them first: `{deps.settings.connect_command} send @someone`.")
    note = readable(meant.rest)
    if meant.user is None:
        many = GroupInvitationRequest(command.team, command.user, meant.group, note)
        await reply(deps, command.user, command.response_url, sending_begun(await send_to_group(deps, many)))
        return
    wish = InvitationRequest(command.team, command.user, meant.user, note)
    await reply(deps, command.user, command.response_url, on_its_way(await invite(deps, wish)))


async def send_to(deps: Deps, click: Click) -> None:
    """Ask somebody whose link was refused."""
    wish = InvitationRequest(click.team, click.user, UserId(click.value), home_team=click.home_team)
    await reply(deps, click.user, click.response_url, on_its_way(await invite(deps, wish)))


async def open_send(deps: Deps, shortcut: Shortcut) -> None:
    """Ask in a window whom to ask: on a message it is its author, unless somebody else is chosen."""
    await deps.views.open(shortcut.trigger_id, send_form(shortcut.author))


async def submit_send(deps: Deps, submission: Submission) -> Reply:
    """Ask whom was chosen, and say in the window that it is on its way."""
    entered = submission.entered
    person, note = UserId(str(entered.get(PERSON) or "")), str(entered.get(NOTE) or "")
    wish = InvitationRequest(submission.team, submission.user, person, note, home_team=submission.home_team)
    work = _sent(deps, wish)
    return await in_time_or_later(deps, submission, work, meanwhile=loading(title=WINDOW), failed=_said)


async def _sent(deps: Deps, wish: InvitationRequest) -> Result:
    invitation: Invitation = await invite(deps, wish)
    return showing_result(on_its_way(invitation), title=WINDOW)


def _said(words: str) -> Result:
    return saying(words, title=WINDOW)


def _field(_submission: Submission, error: Exception) -> str:
    return NOTE if isinstance(error, NoteRefused) else PERSON


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the shortcuts, to the window and to the button; the command comes through the dispatcher."""
    for callback_id in (SEND_ANYWHERE, SEND_TO_AUTHOR):
        app.shortcut(callback_id)(acknowledged(deps, read_shortcut, open_send))
    app.view(SEND_FORM)(submitted(deps, submit_send, field=_field))
    app.action(SEND_TO.action_id)(acknowledged(deps, read_click, send_to))
