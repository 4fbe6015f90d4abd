"""`/connect handover @old @new`, and *Hand over* in what admins are sent when a mapped person has left."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings import handover, held_profiles
from bot.mappings.handover_views import NONE_CHOSEN, PROFILES, TO, WINDOW, form, handed_over, subject
from bot.people import access
from bot.people.errors import NotServed
from bot.slack.actions import CONFIRM_HANDOVER, HAND_OVER
from bot.slack.blocks import loading, sentence, showing
from bot.slack.errors import NotAPerson
from bot.slack.listener import Drawing, acknowledged, modal_session
from bot.slack.mentions import mentions_in
from bot.slack.model import FieldErrors, Modal, Reply
from bot.slack.requests import Click, Command, Event, Submission, read_click, read_event
from bot.slack.submit import Result, in_time_or_later, submitted


def hand_over(deps: Deps, command: Command, rest: str) -> Drawing:
    """Return what draws the form, with the people who were mentioned; raise NotAPerson."""
    old, new = _people(rest, command=deps.settings.connect_command)
    return partial(_checked_form, deps, command.team, old, new)


async def hand_over_from(deps: Deps, click: Click) -> None:
    """Ask who takes over from the one whom the message is about."""
    async with modal_session(deps, click, title=WINDOW) as view:
        await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
        await deps.views.update(view, await _form(deps, click.team, UserId(click.value), None))


async def confirm_handover(deps: Deps, submission: Submission) -> Reply:
    """Hand over what was chosen, and show in the window what came of it."""
    await access.check_admin(deps, team=submission.team, caller=submission.user, home_team=submission.home_team)
    old, new = UserId(submission.metadata.partition(":")[0]), UserId(str(submission.entered[TO]))
    chosen = await _chosen(deps, submission, old)
    if chosen is None:
        return await _form(deps, submission.team, old, new, changed=True)
    if not chosen:
        return FieldErrors({PROFILES: NONE_CHOSEN})
    try:
        await handover.check_successor(deps, submission.team, old=old, new=new)
    except NotServed as error:
        return FieldErrors({TO: error.sentence})
    work = _hand_over(deps, submission, chosen, old=old, new=new)
    return await in_time_or_later(deps, submission, work, meanwhile=loading(title=WINDOW), failed=_said)


async def somebody_left(deps: Deps, event: Event) -> None:
    """Offer to the admins to hand over what somebody looked after."""
    await handover.somebody_left(deps, event.team, event.user)


async def _chosen(deps: Deps, submission: Submission, old: UserId) -> list[RefId] | None:
    """Return what was chosen, or all where there was no choice; None where that is no longer what was shown."""
    if PROFILES in submission.entered:
        return [RefId(one) for one in submission.entered[PROFILES]]
    held = await held_profiles.held_by(deps, submission.team, old)
    return [one.ref_id for one in held] if subject(old, held) == submission.metadata else None


async def _hand_over(
    deps: Deps, submission: Submission, ref_ids: Sequence[RefId], *, old: UserId, new: UserId
) -> Result:
    done = await handover.hand_over(deps, submission.team, old=old, new=new, ref_ids=ref_ids, by=submission.user)
    message = handed_over(done, new=new)
    return Result(showing(message, title=WINDOW), message.text)


async def _checked_form(deps: Deps, team: TeamId, old: UserId, new: UserId | None) -> Modal:
    if new is not None:
        await handover.check_successor(deps, team, old=old, new=new)
    return await _form(deps, team, old, new)


async def _form(deps: Deps, team: TeamId, old: UserId, new: UserId | None, *, changed: bool = False) -> Modal:
    held, live = await handover.profiles_to_hand_over(deps, team, old)
    return form(old, held, new=new, live=live, changed=changed)


def _people(text: str, *, command: str) -> tuple[UserId, UserId | None]:
    """Return who is mentioned, at least one person and at most two; raise NotAPerson."""
    mentioned, words = mentions_in(text)
    if len(mentioned) not in {1, 2} or words:
        raise NotAPerson(f"Mention who had the profiles, then who takes over: `{command} handover @old @new`.")
    if len(set(mentioned)) < len(mentioned):
        raise NotAPerson("That is the same person twice. Mention who had the profiles, then who takes over.")
    return mentioned[0], mentioned[1] if len(mentioned) > 1 else None


def _said(words: str) -> Result:
    return Result(showing(sentence(words), title=WINDOW), words)


async def _deactivated(event: Mapping[str, Any]) -> bool:
    user = event.get("user")
    return isinstance(user, dict) and user.get("deleted") is True


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button, to the window and to people leaving; the command comes through the dispatcher."""
    app.action(HAND_OVER.action_id)(acknowledged(deps, read_click, hand_over_from))
    app.view(CONFIRM_HANDOVER)(submitted(deps, confirm_handover))
    app.event("user_change", matchers=[_deactivated])(acknowledged(deps, read_event, somebody_left))
