"""The part of `/connect map` that makes a new Ayrshare profile, and makes it anew where its key was lost."""

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

from slack_bolt.async_app import AsyncApp

from bot.core.errors import ConnectbotError
from bot.deps import Deps
from bot.mappings import create_profile as creating
from bot.mappings import map_profile
from bot.mappings.map_form import TITLE, WINDOW, Form, map_form
from bot.mappings.map_views import assigned, key_lost, key_lost_elsewhere, working
from bot.mappings.model import Assigned, KeyLost, PendingId, PendingMapping
from bot.mappings.profile_title import check_title
from bot.people import access
from bot.slack.actions import START_OVER
from bot.slack.errors import ModalClosed, SlackError
from bot.slack.listener import acknowledged
from bot.slack.model import FieldErrors, Modal, Reply
from bot.slack.requests import Click, Submission, read_click
from bot.slack.submit import Result, in_time_or_later, saying, show
from handlers.map_form import filled_form

DOUBLE_PRESS = timedelta(minutes=2)


async def create_profile(deps: Deps, submission: Submission, wanted: PendingMapping) -> Reply:
    """Create a profile and map it; where that takes long, say so and go on."""
    if not wanted.title:
        return FieldErrors({TITLE: "Please type a title."})
    await check_title(deps, submission.team, wanted.title)
    failed = partial(_form_again, await filled_form(deps, submission.team, wanted))
    work, meanwhile = _created(deps, creating.create(deps, submission.team, wanted)), _working(deps, wanted)
    return await in_time_or_later(deps, submission, work, meanwhile=meanwhile, failed=failed)


async def start_over(deps: Deps, click: Click) -> None:
    """Delete the profile whose key was lost, and make it anew; a second press does nothing."""
    await access.check_admin(deps, team=click.team, caller=click.user, home_team=click.home_team)
    pending = PendingId(click.metadata)
    what = f"start_over:{click.user}:{pending}"
    if click.view is None or not await deps.idempotency.claim(click.team, what, within=DOUBLE_PRESS):
        return
    wanted = await map_profile.take(deps, click.team, click.user, pending)
    with suppress(ModalClosed, SlackError):
        await deps.views.update(click.view, _working(deps, wanted))
    try:
        result = await _created(deps, creating.start_over(deps, click.team, wanted))
    except ConnectbotError as error:
        result = _form_again(await filled_form(deps, click.team, wanted), error.sentence)
    await show(deps, click.view, click.user, result)


async def _created(deps: Deps, creation: Awaitable[Assigned | KeyLost]) -> Result:
    done = await creation
    if isinstance(done, KeyLost):
        return Result(key_lost(done), key_lost_elsewhere(done, command=deps.settings.connect_command))
    return saying(assigned(done), title=WINDOW)


def _form_again(form: Form, trouble: str) -> Result:
    return Result(map_form(replace(form, trouble=trouble)), trouble)


def _working(deps: Deps, wanted: PendingMapping) -> Modal:
    return working(wanted.title, command=deps.settings.connect_command)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(START_OVER.action_id)(acknowledged(deps, read_click, start_over))
