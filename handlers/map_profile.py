"""`/connect map @user`: an admin maps a new profile, one whose key they have, or a known one to somebody."""

from functools import partial

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp

from bot.core.model import Block, RefId, TeamId
from bot.deps import Deps
from bot.mappings import map_profile as assigning
from bot.mappings.map_form import FIELD, KEY, KNOWN, PERSON, WINDOW, MappingMethod, known_options, map_form
from bot.mappings.map_views import assigned, confirmation, said, unconfirmed
from bot.mappings.model import PendingId
from bot.people import access
from bot.slack.actions import CONFIRM_MAP, MAP, MAP_HOW, MAP_KNOWN, MAP_PERSON, MAP_PROFILE
from bot.slack.blocks import loading
from bot.slack.errors import NotAPerson, SlackError
from bot.slack.listener import Drawing, acknowledged, modal_session, suggested
from bot.slack.mentions import split_mention
from bot.slack.model import Modal, Reply
from bot.slack.requests import Click, Command, Submission, read_click
from bot.slack.submit import Result, in_time_or_later, submitted
from handlers.create_profile import create_profile
from handlers.map_form import chosen_way, field_of, form_for, text, wanted_mapping

ONLY_A_PERSON = "Only a person can follow `map`: type @ and choose somebody from the list that Slack shows."


def open_map(deps: Deps, command: Command, rest: str) -> Drawing:
    """Return what draws the form, with the person who was mentioned; raise NotAPerson."""
    mentioned, words = split_mention(rest)
    if words:
        raise NotAPerson(ONLY_A_PERSON)
    return partial(_form_for, deps, command.team, mentioned or "")


async def map_somebody(deps: Deps, click: Click) -> None:
    """Open the form from a button, whose value may name the person."""
    if click.in_modal:  # there it has to be ready at once
        await deps.views.push(click.trigger_id, await _form_of(deps, click))
        return
    async with modal_session(deps, click, title=WINDOW) as view:
        await deps.views.update(view, await _form_of(deps, click))


async def redraw_map(deps: Deps, click: Click) -> None:
    """Show the inputs that fit what was chosen."""
    await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
    if click.view is not None:
        await deps.views.update(click.view, map_form(await form_for(deps, click.team, click.entered)))


async def suggest_profiles(deps: Deps, click: Click) -> list[Block]:
    """Offer the known profiles that have the words typed so far in their titles."""
    await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
    return known_options((await assigning.choices(deps, click.team, None)).known, words=click.value)


async def map_profile(deps: Deps, submission: Submission) -> Reply:
    """Check what was entered; create the profile, or show what is to be confirmed."""
    team, entered, way = submission.team, submission.entered, chosen_way(submission.entered)
    await access.check_admin(deps, team=team, caller=submission.user, home_team=submission.home_team)
    if FIELD[way] not in entered:  # submitted before it was redrawn
        return map_form(await form_for(deps, team, entered))
    wanted = wanted_mapping(submission)
    await access.check_owner(deps, team=team, owner=wanted.user)
    if way is MappingMethod.CREATE:
        return await create_profile(deps, submission, wanted)
    if way is MappingMethod.KEY:
        key = SecretStr(text(entered, KEY))
        return confirmation(await assigning.propose_typed(deps, team, wanted, key))
    return confirmation(await assigning.propose_known(deps, team, wanted, RefId(text(entered, KNOWN))))


async def confirm_map(deps: Deps, submission: Submission) -> Reply:
    """Make the mapping that was shown."""
    work, meanwhile = _mapped(deps, submission), loading(title=WINDOW)
    return await in_time_or_later(deps, submission, work, meanwhile=meanwhile, failed=_said)


async def _form_of(deps: Deps, click: Click) -> Modal:
    await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
    return await _form_for(deps, click.team, click.value)


async def _form_for(deps: Deps, team: TeamId, person: str) -> Modal:
    return map_form(await form_for(deps, team, {PERSON: person}))


async def _mapped(deps: Deps, submission: Submission) -> Result:
    pending = PendingId(submission.metadata)
    try:
        await access.check_admin(deps, team=submission.team, caller=submission.user, home_team=submission.home_team)
        done = await assigning.confirm(deps, submission.team, submission.user, pending)
    except SlackError as error:
        return Result(unconfirmed(error.sentence, pending), error.sentence)
    return _said(assigned(done))


def _said(words: str) -> Result:
    return Result(said(words), words)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the windows and what is in them."""
    app.action(MAP.action_id)(acknowledged(deps, read_click, map_somebody))
    for action in (MAP_PERSON, MAP_HOW):
        app.action(action)(acknowledged(deps, read_click, redraw_map))
    app.options(MAP_KNOWN)(suggested(deps, suggest_profiles))
    app.view(MAP_PROFILE)(submitted(deps, map_profile, field=field_of))
    app.view(CONFIRM_MAP)(submitted(deps, confirm_map))
