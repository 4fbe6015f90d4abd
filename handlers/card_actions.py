"""The clicks on a card and on the picker. Who may do what is decided anew at each click, never by what it carries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.errors import CardGone
from bot.model import Answer, CardId, RefId, UserId
from bot.services import access, cards, profiles
from bot.views.actions import NEW_LINK, OPEN_LINK, PICK_PROFILE
from handlers.boundary import acknowledged
from handlers.requests import Click, read_click

DOUBLE_CLICK = timedelta(minutes=2)


async def open_link(deps: Deps, click: Click) -> None:
    """Note that the linking page was opened; the browser has it already."""
    card_id, _ = _card_and_version(deps, click)
    card = await cards.get(deps, click.team, card_id, viewer=click.user)
    await _check_access(deps, click, owner=card.owner)
    await cards.open_link(deps, card, answer=_answer(deps, click))


async def new_link(deps: Deps, click: Click) -> None:
    """Make a fresh card; a second press on the same drawing of a card does nothing."""
    card_id, version = _card_and_version(deps, click)
    card = await cards.get(deps, click.team, card_id, viewer=click.user)
    await _check_access(deps, click, owner=card.owner)
    profile = await profiles.profile_of(deps, click.team, card.owner, card.ref_id)
    async with _pressed_once(deps, click, f"new_link:{card_id}:{version}") as first:
        if first:
            await cards.renew(deps, card, profile, answer=_answer(deps, click))


async def pick_profile(deps: Deps, click: Click) -> None:
    """Put a card in the picker's place; a second choice while the first is made does nothing."""
    picked, _, ref_id = click.value.partition(":")
    owner = UserId(picked)
    await _check_access(deps, click, owner=owner)
    profile = await profiles.profile_of(deps, click.team, owner, RefId(ref_id))
    async with _pressed_once(deps, click, f"pick_profile:{click.message}") as first:
        if first:
            answer = _answer(deps, click)
            await cards.offer(deps, profile, team=click.team, viewer=click.user, owner=owner, answer=answer)


@asynccontextmanager
async def _pressed_once(deps: Deps, click: Click, press: str) -> AsyncIterator[bool]:
    """Yield whether this press is the first; one that fails may be repeated."""
    first = await deps.once.claim(click.team, press, within=DOUBLE_CLICK)
    try:
        yield first
    except Exception:
        if first:
            await deps.once.release(click.team, press)
        raise


async def _check_access(deps: Deps, click: Click, *, owner: UserId) -> None:
    await access.check_may_see_link(deps, team=click.team, caller=click.user, owner=owner, home=click.home)


def _card_and_version(deps: Deps, click: Click) -> tuple[CardId, str]:
    card, _, version = click.value.partition(":")
    if not card:
        raise CardGone(deps.settings.connect_command)
    return CardId(card), version


def _answer(deps: Deps, click: Click) -> Answer:
    if click.answer is None:
        raise CardGone(deps.settings.connect_command)
    return click.answer


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the clicks on a card and on the picker."""
    app.action(OPEN_LINK)(acknowledged(deps, read_click, open_link))
    app.action(NEW_LINK)(acknowledged(deps, read_click, new_link))
    app.action(PICK_PROFILE)(acknowledged(deps, read_click, pick_profile))
