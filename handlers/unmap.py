"""`/connect unmap @someone`, and *Unmap* beside a mapping: an admin takes profiles from somebody."""

from collections.abc import Sequence
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.core.model import RefId, TeamId, UserId
from bot.deps import Deps
from bot.mappings import held_profiles
from bot.mappings import unmap as unmapping
from bot.mappings.unmap_views import ALL, PROFILE, WINDOW, confirmation, unmapped, which
from bot.people import access
from bot.profiles.model import ProfileRef
from bot.slack.actions import CHOOSE_UNMAP, CONFIRM_UNMAP, UNMAP
from bot.slack.blocks import loading, sentence, showing
from bot.slack.errors import NotAPerson
from bot.slack.listener import Drawing, acknowledged, modal_session
from bot.slack.mentions import split_mention
from bot.slack.model import Modal, Reply
from bot.slack.requests import Click, Command, Submission, read_click
from bot.slack.submit import Result, in_time_or_later, submitted


def unmap(deps: Deps, command: Command, rest: str) -> Drawing:
    """Return what asks which of a person's profiles is meant, and for a confirmation; raise NotAPerson."""
    owner, words = split_mention(rest)
    if owner is None:
        raise NotAPerson(f"Whose profile? Mention them: `{deps.settings.connect_command} unmap @someone`.")
    return partial(_choose, deps, command.team, owner, words=words)


async def unmap_one(deps: Deps, click: Click) -> None:
    """Ask whether somebody shall really lose the profile beside which was clicked."""
    owner, _, ref_id = click.value.partition(":")
    async with modal_session(deps, click, title=WINDOW) as view:
        await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
        found = await held_profiles.still_theirs(deps, click.team, UserId(owner), ref_id)
        await deps.views.update(view, await _confirm(deps, click.team, UserId(owner), found))


async def choose_unmap(deps: Deps, submission: Submission) -> Reply:
    """Ask whether somebody shall really lose what was chosen."""
    await access.check_admin(deps, team=submission.team, caller=submission.user, home_team=submission.home_team)
    owner, _, words = submission.metadata.partition(":")
    chosen = str(submission.entered[PROFILE])
    if chosen == ALL:
        found = await held_profiles.candidates(deps, submission.team, UserId(owner), words=words)
    else:
        found = await held_profiles.still_theirs(deps, submission.team, UserId(owner), chosen)
    return await _confirm(deps, submission.team, UserId(owner), found)


async def confirm_unmap(deps: Deps, submission: Submission) -> Reply:
    """Take the profiles from somebody, and show in the window what came of it."""
    await access.check_admin(deps, team=submission.team, caller=submission.user, home_team=submission.home_team)
    owner, _, ref_ids = submission.metadata.partition(":")
    work = _unmap(deps, submission, UserId(owner), [RefId(one) for one in ref_ids.split(",")])
    return await in_time_or_later(deps, submission, work, meanwhile=loading(title=WINDOW), failed=_said)


async def _unmap(deps: Deps, submission: Submission, owner: UserId, ref_ids: Sequence[RefId]) -> Result:
    message = unmapped(await unmapping.unmap(deps, submission.team, owner, ref_ids, by=submission.user))
    return Result(showing(message, title=WINDOW), message.text)


def _said(words: str) -> Result:
    return Result(showing(sentence(words), title=WINDOW), words)


async def _choose(deps: Deps, team: TeamId, owner: UserId, *, words: str) -> Modal:
    found = await held_profiles.candidates(deps, team, owner, words=words)
    return which(owner, found, words=words) if len(found) > 1 else await _confirm(deps, team, owner, found)


async def _confirm(deps: Deps, team: TeamId, owner: UserId, chosen: Sequence[ProfileRef]) -> Modal:
    held = await held_profiles.held_by(deps, team, owner)
    live = await held_profiles.live_links(deps, team, owner, chosen)
    return confirmation(owner, chosen, held=held, live=live)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button and to the two steps of the window; the command comes through the dispatcher."""
    app.action(UNMAP.action_id)(acknowledged(deps, read_click, unmap_one))
    app.view(CHOOSE_UNMAP)(submitted(deps, choose_unmap))
    app.view(CONFIRM_UNMAP)(submitted(deps, confirm_unmap))
