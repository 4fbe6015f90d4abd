"""`/connect send`, its shortcuts and *Send it to them*: people ask a colleague, or a group, to connect accounts."""

from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.core.model import UserId
from bot.deps import Deps
from bot.invitations.errors import NoteRefused
from bot.invitations.group.send import send as send_to_group
from bot.invitations.model import BROKEN
from bot.invitations.send import InvitationRequest, invite
from bot.invitations.views import FORM_TITLE, NOTE, PERSON, group_confirmation, on_its_way, send_form
from bot.slack.actions import ASK_EVERYBODY, SEND_ANYWHERE, SEND_FORM, SEND_TO, SEND_TO_AUTHOR
from bot.slack.blocks import loading
from bot.slack.delivery import reply
from bot.slack.errors import NotAPerson
from bot.slack.listener import acknowledged
from bot.slack.mentions import readable, split_recipient
from bot.slack.model import Reply, beside
from bot.slack.requests import Click, Command, Shortcut, Submission, read_click, read_shortcut
from bot.slack.submit import Result, in_time_or_later, saying, showing_result, submitted


async def send(deps: Deps, command: Command, rest: str) -> None:
    """Ask the person or the user group mentioned first; the words after it are the note."""
    recipient = split_recipient(rest)
    if recipient is None:
        raise NotAPerson(f"Whom shall I ask? Mention them first: `{deps.settings.connect_command} send @someone`.")
    note = readable(recipient.rest)
    await deps.promises.keep(command.team, command.user, command.response_url)
    if recipient.user is None:
        group_request = await send_to_group(deps, command.team, command.user, group=recipient.group, note=note)
        await reply(deps, command.user, command.response_url, group_confirmation(group_request))
        return
    request = InvitationRequest(command.team, command.user, recipient.user, note)
    await reply(deps, command.user, command.response_url, on_its_way(await invite(deps, request)))


async def send_to(deps: Deps, click: Click) -> None:
    """Ask the person whose link was refused."""
    request = InvitationRequest(click.team, click.user, UserId(click.value), home_team=click.home_team)
    await deps.promises.keep(click.team, click.user, click.response_url)
    await reply(deps, click.user, click.response_url, on_its_way(await invite(deps, request)))


async def ask_everybody(deps: Deps, click: Click) -> None:
    """Ask everybody with disconnected accounts, for an admin who reads the weekly digest."""
    await deps.promises.keep(click.team, click.user, click.response_url)
    group_request = await send_to_group(deps, click.team, click.user, group=BROKEN, note="")
    await reply(deps, click.user, beside(click.response_url), group_confirmation(group_request))


async def open_send(deps: Deps, shortcut: Shortcut) -> None:
    """Open the form; the shortcut on a message suggests its author."""
    await deps.limits.count(shortcut.team, shortcut.user, "views")
    await deps.views.open(shortcut.trigger_id, send_form(shortcut.author))


async def submit_send(deps: Deps, submission: Submission) -> Reply:
    """Ask the chosen person, and confirm it in the modal."""
    entered = submission.entered
    recipient, note = UserId(str(entered.get(PERSON) or "")), str(entered.get(NOTE) or "")
    request = InvitationRequest(submission.team, submission.user, recipient, note, home_team=submission.home_team)
    work, failed = _invited(deps, request), partial(saying, title=FORM_TITLE)
    return await in_time_or_later(deps, submission, work, meanwhile=loading(title=FORM_TITLE), failed=failed)


async def _invited(deps: Deps, request: InvitationRequest) -> Result:
    await deps.promises.keep(request.team, request.sender, None)
    return showing_result(on_its_way(await invite(deps, request)), title=FORM_TITLE)


def _field(_submission: Submission, error: Exception) -> str:
    return NOTE if isinstance(error, NoteRefused) else PERSON


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the shortcuts, the form and the button; the command comes through the table of subcommands."""
    for callback_id in (SEND_ANYWHERE, SEND_TO_AUTHOR):
        app.shortcut(callback_id)(acknowledged(deps, read_shortcut, open_send))
    app.view(SEND_FORM)(submitted(deps, submit_send, field=_field))
    app.action(SEND_TO.action_id)(acknowledged(deps, read_click, send_to))
    app.action(ASK_EVERYBODY.action_id)(acknowledged(deps, read_click, ask_everybody))
