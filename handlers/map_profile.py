"""`/connect map @user`: an admin maps a new profile, one whose key they have, or a known one to a person."""

import asyncio
from dataclasses import replace
from functools import partial

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp

from bot.ayrshare.networks import NETWORK_NAMES
from bot.core.model import Block, RefId, TeamId, UserId
from bot.core.visible import is_visible
from bot.deps import Deps
from bot.mappings import create_profile, map_profile
from bot.mappings.errors import OnlyAPerson, TitleInvisible
from bot.mappings.map_views import (
    DEFAULT,
    KEY,
    KNOWN,
    METHOD,
    METHOD_INPUT,
    MODAL_TITLE,
    NETWORKS,
    PERSON,
    TITLE,
    creating,
    map_form,
    mapping_result,
    preview,
    read_metadata,
    title_exists,
    title_exists_message,
)
from bot.mappings.model import MappingForm, MappingMethod, PendingId, PendingMapping, TitleExists
from bot.people import access
from bot.people.errors import NotServed
from bot.profiles.views import profile_options
from bot.slack.actions import (
    ADD_FOR,
    CONFIRM_MAP,
    MAP_A_PROFILE,
    MAP_HOW,
    MAP_KNOWN,
    MAP_PERSON,
    MAP_PROFILE,
    NEW_KEY,
    read_owned,
)
from bot.slack.blocks import loading, sentence
from bot.slack.listener import Drawing, acknowledged, modal_session, push
from bot.slack.mentions import split_mention
from bot.slack.modal_redraw import redraw
from bot.slack.model import Modal, Reply
from bot.slack.requests import Click, Command, Entered, Submission, read_click
from bot.slack.submit import Result, asking_again, in_time_or_later, saying, submitted
from bot.slack.suggestions import suggested

UNKNOWN_PROFILE = "new"
"""In place of a profile that isn't stored: its key is asked for."""


def open_map(deps: Deps, command: Command, rest: str) -> Drawing:
    """Return what draws the form, with the person who was mentioned; raise NotAPerson."""
    mentioned, words = split_mention(rest)
    if words:
        raise OnlyAPerson
    return partial(_form_for, deps, command.team, mentioned or "")


async def open_map_from_button(deps: Deps, click: Click) -> None:
    """Open the form from a button, whose value may name the person, the profile, or both."""
    if click.in_modal:  # a modal that is pushed onto another has no loading state
        await push(deps, click, await _form_from_button(deps, click))
        return
    async with modal_session(deps, click, title=MODAL_TITLE) as view:
        await deps.views.update(click.team, view, await _form_from_button(deps, click))


async def open_map_for_key(deps: Deps, click: Click) -> None:
    """Open the form for a profile's new key; the button may name its person."""
    await open_map_from_button(deps, replace(click, value=f"{read_owned(click.value)[0]}:{UNKNOWN_PROFILE}"))


async def redraw_map(deps: Deps, click: Click) -> None:
    """Show the inputs that fit what was chosen."""
    await access.check_admin(deps, click.viewer)
    if click.view is not None:
        form = await _form(deps, click.team, click.entered, metadata=click.metadata)
        await redraw(deps, click, click.view, map_form(form))


async def suggest_profiles(deps: Deps, click: Click) -> list[Block]:
    """Offer the known profiles whose titles contain the words typed so far."""
    await access.check_admin(deps, click.viewer)
    return profile_options((await map_profile.choices(deps, click.team, None)).known, words=click.value)


async def submit_map(deps: Deps, submission: Submission) -> Reply:
    """Check what was entered; create the profile, or show a preview to confirm."""
    team, entered, method = submission.team, submission.entered, _method(submission.entered)
    await access.check_admin(deps, submission.viewer)
    if METHOD_INPUT[method] not in entered:  # submitted before it was redrawn
        return map_form(await _form(deps, team, entered, metadata=submission.metadata))
    pending = _pending_mapping(submission)
    await deps.limits.count(team, submission.user, "status")
    if method is MappingMethod.CREATE:
        await access.check_owner(deps, team=team, owner=pending.user, by=submission.user)
        return await _create(deps, submission, pending)
    await access.check_recipient(deps, team=team, user=pending.user, by=submission.user)
    if method is MappingMethod.KEY:
        return preview(await map_profile.preview_key(deps, team, pending, SecretStr(_text(entered, KEY))))
    return preview(await map_profile.preview_known(deps, team, pending, RefId(_text(entered, KNOWN))))


async def confirm_map(deps: Deps, submission: Submission) -> Reply:
    """Make the mapping that was previewed."""
    work, meanwhile = _confirm(deps, submission), loading(title=MODAL_TITLE)
    return await in_time_or_later(deps, submission, work, meanwhile=meanwhile, failed=asking_again(submission))


async def _create(deps: Deps, submission: Submission, pending: PendingMapping) -> Reply:
    """Create a profile and map it; if that takes long, say so and continue."""
    if not is_visible(pending.title):
        raise TitleInvisible
    await create_profile.check_title(deps, submission.team, pending.title)
    form = await _form(deps, submission.team, {PERSON: pending.user}, metadata=submission.metadata)
    form = replace(form, title=pending.title, chosen_networks=pending.networks, default=pending.default)
    meanwhile = creating(pending.title)
    work = _created(deps, submission.team, pending, form)
    return await in_time_or_later(deps, submission, work, meanwhile=meanwhile, failed=partial(_form_again, form))


async def _created(deps: Deps, team: TeamId, pending: PendingMapping, form: MappingForm) -> Result:
    result = await create_profile.create_profile(deps, team, pending)
    if isinstance(result, TitleExists):
        again = replace(form, title=result.suggestion, warning=title_exists(result))
        return Result(map_form(again), title_exists_message(result))
    return saying(mapping_result(result), title=MODAL_TITLE)


async def _confirm(deps: Deps, submission: Submission) -> Result:
    await access.check_admin(deps, submission.viewer)
    result = await map_profile.confirm(deps, submission.team, submission.user, PendingId(submission.metadata))
    return saying(mapping_result(result), title=MODAL_TITLE)


async def _form(deps: Deps, team: TeamId, entered: Entered, *, metadata: str = "") -> MappingForm:
    """Return the form with the inputs that fit what was chosen; Slack keeps what was typed into them."""
    profiles, title = read_metadata(metadata)
    person = UserId(_text(entered, PERSON)) or None
    found = await map_profile.choices(deps, team, person)
    networks = deps.ayrshare.options.offered.restriction(()) or tuple(NETWORK_NAMES)
    form = MappingForm(person, _method(entered), found.known, found.has_profiles, networks)
    return replace(form, title=title, profiles=profiles)


async def _form_from_button(deps: Deps, click: Click) -> Modal:
    await access.check_admin(deps, click.viewer)
    person, ref_id = read_owned(click.value)
    return await _form_for(deps, click.team, person, ref_id)


async def _form_for(deps: Deps, team: TeamId, person: str, ref_id: str = "") -> Modal:
    """Return a form to begin with, which says how many profiles there are: Ayrshare bills by their number."""
    entered = {PERSON: person} | ({METHOD: MappingMethod.KNOWN} if ref_id else {})
    form, profiles = await asyncio.gather(_form(deps, team, entered), create_profile.count_profiles(deps, team))
    chosen = RefId(ref_id) if ref_id in form.known else None
    method = form.method if chosen or not ref_id else MappingMethod.KEY  # only Ayrshare knows the profile
    return map_form(replace(form, profiles=profiles, chosen=chosen, method=method))


def _form_again(form: MappingForm, reason: str) -> Result:
    return Result(map_form(replace(form, warning=reason)), sentence(reason))


def _pending_mapping(submission: Submission) -> PendingMapping:
    """Return what was entered, without a typed key."""
    entered = submission.entered
    return PendingMapping(
        by=submission.user,
        user=UserId(_text(entered, PERSON)),
        default=bool(entered.get(DEFAULT)),
        title=" ".join(_text(entered, TITLE).split()),
        networks=tuple(entered.get(NETWORKS) or ()),
    )


def _text(entered: Entered, field: str) -> str:
    return str(entered.get(field) or "").strip()


def _method(entered: Entered) -> MappingMethod:
    chosen = _text(entered, METHOD)
    return MappingMethod(chosen) if chosen in set(MappingMethod) else MappingMethod.CREATE


def _error_field(submission: Submission, error: Exception) -> str:
    return PERSON if isinstance(error, NotServed) else METHOD_INPUT[_method(submission.entered)]


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the buttons and inputs, and to the two steps of the modal; the command comes through the dispatcher."""
    for button in (MAP_A_PROFILE, ADD_FOR):
        app.action(button.action_id)(acknowledged(deps, read_click, open_map_from_button))
    app.action(NEW_KEY.action_id)(acknowledged(deps, read_click, open_map_for_key))
    for action in (MAP_PERSON, MAP_HOW):
        app.action(action)(acknowledged(deps, read_click, redraw_map))
    app.options(MAP_KNOWN)(suggested(deps, suggest_profiles))
    app.view(MAP_PROFILE)(submitted(deps, submit_map, field=_error_field))
    app.view(CONFIRM_MAP)(submitted(deps, confirm_map))
