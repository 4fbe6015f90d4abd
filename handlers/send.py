"""`/connect send`, its shortcuts and *Ask Cara*: people ask colleagues, or a group, to connect accounts."""

from dataclasses import replace
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.invitations.choose import profiles_of_all, split_title
from bot.invitations.errors import NobodyMentioned, NoteRefused, OtherProfiles
from bot.invitations.group.nudge import nudge
from bot.invitations.group.send import ask_group, ask_people
from bot.invitations.send import InvitationRequest
from bot.invitations.sender_views import confirmation, nudged
from bot.invitations.views import ANY_PROFILE, FORM_TITLE, NOTE, PERSON, PROFILE, SendForm, send_form
from bot.people import access
from bot.profiles.account_status import check_not_dismissed
from bot.slack.actions import (
    ASK_COLLEAGUE,
    NUDGE,
    SEND_ANYWHERE,
    SEND_FORM,
    SEND_PEOPLE,
    SEND_TO,
    SEND_TO_AUTHOR,
    read_target,
)
from bot.slack.blocks import loading, sentence
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.mentions import readable, split_recipients
from bot.slack.modal_redraw import redraw
from bot.slack.model import Reply, beside
from bot.slack.requests import Click, Command, Entered, Shortcut, Submission, read_click, read_shortcut
from bot.slack.submit import Result, in_time_or_later, showing_result, submitted


async def send(deps: Deps, command: Command, rest: str) -> None:
    """Ask the people or the user group mentioned first; then the title of a profile may stand, and a note."""
    recipients = split_recipients(rest)
    if recipients is None:
        raise NobodyMentioned(deps.settings.connect_command)
    typed = readable(recipients.rest)
    await deps.promises.keep(command.team, command.user, command.response_url)
    if recipients.group:
        asked = await ask_group(deps, command.viewer, group=recipients.group, note=typed)
        await reply(deps, command.team, command.user, command.response_url, confirmation(asked))
        return
    titles = await profiles_of_all(deps, command.team, recipients.users)
    profiles, note = split_title(titles, typed)
    request = InvitationRequest(command.viewer, recipients.users, note, profiles)
    await reply(deps, command.team, command.user, command.response_url, confirmation(await ask_people(deps, request)))


async def send_to(deps: Deps, click: Click) -> None:
    """Ask the person whose link was refused, or who was reminded in vain, then about that profile."""
    user, ref_id, networks = read_target(click.value)
    for network in networks or ():
        await check_not_dismissed(deps, click.team, ref_id, network)
    request = InvitationRequest(click.viewer, (user,), profiles=(ref_id,) if ref_id else ())
    await deps.promises.keep(click.team, click.user, click.response_url)
    await reply(deps, click.team, click.user, click.response_url, confirmation(await ask_people(deps, request)))


async def nudge_again(deps: Deps, click: Click) -> None:
    """Send the request again to whoever hasn't answered it."""
    people = await nudge(deps, click.viewer, click.value)
    await reply(deps, click.team, click.user, beside(click.response_url), nudged(people))


async def open_send(deps: Deps, shortcut: Shortcut) -> None:
    """Open the form; the shortcut on a message suggests its author."""
    await deps.limits.count(shortcut.team, shortcut.user, "views")
    entered: Entered = {PERSON: (shortcut.author,)} if shortcut.author else {}
    await deps.views.open(shortcut.team, shortcut.trigger_id, send_form(await _form(deps, shortcut.team, entered)))


async def redraw_send(deps: Deps, click: Click) -> None:
    """Offer the profiles of the people who are chosen now."""
    await access.check_caller(deps, click.viewer)
    if click.view is not None:
        await redraw(deps, click, click.view, send_form(await _form(deps, click.team, click.entered)))


async def open_send_from_button(deps: Deps, click: Click) -> None:
    """Open the form from *Ask a colleague*."""
    await deps.limits.count(click.team, click.user, "views")
    await deps.views.open(click.team, click.trigger_id, send_form(await _form(deps, click.team, {})))


async def submit_send(deps: Deps, submission: Submission) -> Reply:
    """Ask the chosen people, and confirm it in the modal; a late failure brings the form back as it was filled in."""
    form = await _form(deps, submission.team, submission.entered)
    profiles = (form.profile,) if form.profile else ()
    request = InvitationRequest(submission.viewer, tuple(form.people), form.note, profiles)
    work, failed = _asked(deps, request), partial(_form_again, form)
    return await in_time_or_later(deps, submission, work, meanwhile=loading(title=FORM_TITLE), failed=failed)


async def _asked(deps: Deps, request: InvitationRequest) -> Result:
    await deps.promises.keep(request.team, request.sender, None)
    return showing_result(confirmation(await ask_people(deps, request)), title=FORM_TITLE)


async def _form(deps: Deps, team: TeamId, entered: Entered) -> SendForm:
    people = tuple(UserId(one) for one in entered.get(PERSON) or ())
    chosen, profiles = str(entered.get(PROFILE) or ANY_PROFILE), await profiles_of_all(deps, team, people)
    profile = RefId(chosen) if chosen != ANY_PROFILE else None
    return SendForm(people, profiles, profile, str(entered.get(NOTE) or ""))


def _form_again(form: SendForm, reason: str) -> Result:
    return Result(send_form(replace(form, warning=reason)), sentence(reason))


def _field(submission: Submission, error: Exception) -> str:
    if isinstance(error, NoteRefused):
        return NOTE
    return PROFILE if isinstance(error, OtherProfiles) and PROFILE in submission.entered else PERSON


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the shortcuts, the form and the button; the command comes through the table of subcommands."""
    for callback_id in (SEND_ANYWHERE, SEND_TO_AUTHOR):
        app.shortcut(callback_id)(acknowledged(deps, read_shortcut, open_send))
    app.action(SEND_PEOPLE)(acknowledged(deps, read_click, redraw_send))
    app.view(SEND_FORM)(submitted(deps, submit_send, field=_field))
    app.action(ASK_COLLEAGUE.action_id)(acknowledged(deps, read_click, open_send_from_button))
    app.action(SEND_TO.action_id)(acknowledged(deps, read_click, send_to))
    app.action(NUDGE.action_id)(acknowledged(deps, read_click, nudge_again))
