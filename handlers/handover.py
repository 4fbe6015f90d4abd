"""`/connect handover @old @new`, and *Hand over* in the message that admins get when a person has left."""

from collections.abc import Sequence
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings import handover
from bot.mappings.errors import SamePersonTwice, WhoTakesOver
from bot.mappings.held import held_by
from bot.mappings.removal_views import (
    HANDOVER_TITLE,
    HELD_CHANGED,
    NONE_CHOSEN,
    PROFILES,
    SUCCESSOR,
    handover_form,
    handover_metadata,
    handover_result,
)
from bot.people import access
from bot.people.errors import NotServed
from bot.profiles.account_status import check_not_dismissed
from bot.profiles.errors import ProfileTaken
from bot.slack.actions import CONFIRM_HANDOVER, HAND_OVER, read_target
from bot.slack.blocks import loading, sentence
from bot.slack.listener import Drawing, acknowledged, modal_session
from bot.slack.mentions import mentions_in
from bot.slack.model import FieldErrors, Modal, Reply
from bot.slack.requests import Click, Command, Submission, read_click
from bot.slack.submit import Failed, Result, in_time_or_later, showing_result, submitted


def hand_over(deps: Deps, command: Command, rest: str) -> Drawing:
    """Return what draws the form, in which a mentioned successor is filled in; raise NotAPerson."""
    old, new = _mentioned(rest, command=deps.settings.connect_command)
    return partial(_checked_form, deps, command, old, new)


async def hand_over_from(deps: Deps, click: Click) -> None:
    """Open the form from the message about a person who left, or from a row, for the profile in it."""
    old, only, networks = read_target(click.value)
    async with modal_session(deps, click, title=HANDOVER_TITLE) as view:
        await access.check_admin(deps, click.viewer)
        if only and all(one.ref_id != only for one in await held_by(deps, click.team, old)):
            raise ProfileTaken(old)
        for network in networks or ():
            await check_not_dismissed(deps, click.team, only, network)
        form = await _form(deps, click.team, old, None, chosen=[only] if only else ())
        await deps.views.update(click.team, view, form)


async def confirm_handover(deps: Deps, submission: Submission) -> Reply:
    """Hand over what was chosen, and show the result in the modal."""
    await access.check_admin(deps, submission.viewer)
    old, new = UserId(submission.metadata.partition(":")[0]), UserId(str(submission.entered.get(SUCCESSOR) or ""))
    chosen = await _chosen(deps, submission, old)
    if chosen is None:
        return await _form(deps, submission.team, old, new, warning=HELD_CHANGED)
    if not chosen:
        return FieldErrors({PROFILES: NONE_CHOSEN})
    try:
        await handover.check_successor(deps, submission.team, old=old, new=new, by=submission.user)
    except NotServed as error:
        return FieldErrors({SUCCESSOR: error.sentence})
    failed = await _form_again(deps, submission.team, old, new, chosen)
    work, meanwhile = _hand_over(deps, submission, chosen, old=old, new=new), loading(title=HANDOVER_TITLE)
    return await in_time_or_later(deps, submission, work, meanwhile=meanwhile, failed=failed)


async def _chosen(deps: Deps, submission: Submission, old: UserId) -> list[RefId] | None:
    """Return what was chosen, or all if there was no choice; None if these are no longer the ones shown."""
    if PROFILES in submission.entered:
        return [RefId(one) for one in submission.entered[PROFILES]]
    held = await held_by(deps, submission.team, old)
    return [one.ref_id for one in held] if handover_metadata(old, held) == submission.metadata else None


async def _hand_over(
    deps: Deps, submission: Submission, ref_ids: Sequence[RefId], *, old: UserId, new: UserId
) -> Result:
    result = await handover.hand_over(deps, submission.team, old=old, new=new, ref_ids=ref_ids, by=submission.user)
    return showing_result(handover_result(result, new=new), title=HANDOVER_TITLE)


async def _checked_form(deps: Deps, command: Command, old: UserId, new: UserId | None) -> Modal:
    if new is not None:
        await handover.check_successor(deps, command.team, old=old, new=new, by=command.user)
    return await _form(deps, command.team, old, new)


async def _form(
    deps: Deps,
    team: TeamId,
    old: UserId,
    new: UserId | None,
    *,
    chosen: Sequence[RefId] = (),
    warning: str = "",
) -> Modal:
    held, live = await handover.profiles_to_hand_over(deps, team, old)
    return handover_form(old, held, new=new, live=live, chosen=chosen, warning=warning)


async def _form_again(deps: Deps, team: TeamId, old: UserId, new: UserId, chosen: Sequence[RefId]) -> Failed:
    """Return what draws the form again, as it was filled in, with what went wrong."""
    held, live = await handover.profiles_to_hand_over(deps, team, old)

    def failed(reason: str) -> Result:
        return Result(handover_form(old, held, new=new, live=live, warning=reason, chosen=chosen), sentence(reason))

    return failed


def _mentioned(text: str, *, command: str) -> tuple[UserId, UserId | None]:
    """Return who has the profiles and who takes over, if mentioned; raise NotAPerson."""
    mentioned, words = mentions_in(text)
    if len(mentioned) not in {1, 2} or words:
        raise WhoTakesOver(command)
    if len(set(mentioned)) < len(mentioned):
        raise SamePersonTwice
    return mentioned[0], mentioned[1] if len(mentioned) > 1 else None


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button and the modal; the command comes through the dispatcher."""
    app.action(HAND_OVER.action_id)(acknowledged(deps, read_click, hand_over_from))
    app.view(CONFIRM_HANDOVER)(submitted(deps, confirm_handover, field=SUCCESSOR))
