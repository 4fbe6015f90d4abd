"""`/connect unmap @someone`, and *Unmap* beside a mapping: an admin takes profiles from a person."""

from collections.abc import Sequence
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings import unmap as unmapping
from bot.mappings.errors import WhoseProfile
from bot.mappings.held import held_by, live_links
from bot.mappings.removal_views import ALL, PROFILE, UNMAP_TITLE, unmap_choice, unmap_confirmation, unmap_result
from bot.people import access
from bot.profiles.errors import NoProfileMatches
from bot.profiles.model import ProfileRef
from bot.slack.actions import CHOOSE_UNMAP, CONFIRM_UNMAP, UNMAP, read_owned
from bot.slack.blocks import loading, warned
from bot.slack.listener import Drawing, acknowledged, modal_session
from bot.slack.mentions import split_mention
from bot.slack.model import Modal, Reply
from bot.slack.requests import Click, Command, Submission, read_click
from bot.slack.submit import Result, asking_again, in_time_or_later, showing_result, submitted


def unmap(deps: Deps, command: Command, rest: str) -> Drawing:
    """Return what asks which of a person's profiles is meant, or to confirm it; raise NotAPerson."""
    owner, words = split_mention(rest)
    if owner is None:
        raise WhoseProfile(deps.settings.connect_command)
    return partial(_choice, deps, command.team, owner, words=words)


async def unmap_one(deps: Deps, click: Click) -> None:
    """Ask to confirm that the profile beside the button is unmapped."""
    owner, ref_id = read_owned(click.value)
    async with modal_session(deps, click, title=UNMAP_TITLE) as view:
        await access.check_admin(deps, click.viewer)
        found = await unmapping.find_by_ref_id(deps, click.team, owner, ref_id)
        await deps.views.update(click.team, view, await _confirmation(deps, click.team, owner, found))


async def choose_unmap(deps: Deps, submission: Submission) -> Reply:
    """Ask to confirm that the chosen profiles are unmapped."""
    await access.check_admin(deps, submission.viewer)
    name, _, words = submission.metadata.partition(":")
    owner, chosen = UserId(name), str(submission.entered.get(PROFILE) or "")
    if chosen == ALL:
        found = await unmapping.find_by_title(deps, submission.team, owner, words=words)
    else:
        found = await unmapping.find_by_ref_id(deps, submission.team, owner, chosen)
    return await _confirmation(deps, submission.team, owner, found)


async def confirm_unmap(deps: Deps, submission: Submission) -> Reply:
    """Unmap the profiles, and show the result in the modal."""
    await access.check_admin(deps, submission.viewer)
    name, _, named = submission.metadata.partition(":")
    owner, ref_ids = UserId(name), [RefId(one) for one in named.split(",")]
    work, meanwhile = _unmap(deps, submission, owner, ref_ids), loading(title=UNMAP_TITLE)
    return await in_time_or_later(deps, submission, work, meanwhile=meanwhile, failed=asking_again(submission))


async def _choice(deps: Deps, team: TeamId, owner: UserId, *, words: str) -> Modal:
    try:
        found = await unmapping.find_by_title(deps, team, owner, words=words)
    except NoProfileMatches as error:
        return warned(unmap_choice(owner, await held_by(deps, team, owner), words=""), error.sentence)
    if len(found) > 1:
        return unmap_choice(owner, found, words=words)
    return await _confirmation(deps, team, owner, found)


async def _unmap(deps: Deps, submission: Submission, owner: UserId, ref_ids: Sequence[RefId]) -> Result:
    result = await unmapping.unmap(deps, submission.team, owner, ref_ids, by=submission.user)
    return showing_result(unmap_result(result), title=UNMAP_TITLE)


async def _confirmation(deps: Deps, team: TeamId, owner: UserId, chosen: Sequence[ProfileRef]) -> Modal:
    held = await held_by(deps, team, owner)
    live = await live_links(deps, team, owner, chosen)
    return unmap_confirmation(owner, chosen, held=held, live=live)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button and to the two steps of the modal; the command comes through the dispatcher."""
    app.action(UNMAP.action_id)(acknowledged(deps, read_click, unmap_one))
    app.view(CHOOSE_UNMAP)(submitted(deps, choose_unmap, field=PROFILE))
    app.view(CONFIRM_UNMAP)(submitted(deps, confirm_unmap))
