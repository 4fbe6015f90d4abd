"""The clicks on a card and on the picker."""

from slack_bolt.async_app import AsyncApp

from bot.cards import links
from bot.cards.errors import CardGone
from bot.cards.links import LinkRequest
from bot.cards.model import CardId
from bot.deps import Deps
from bot.slack.actions import CANCEL_LINK, NEW_LINK, OPEN_LINK, PICK_PROFILE
from bot.slack.listener import acknowledged
from bot.slack.model import DirectMessage, ModalRef, Surface
from bot.slack.requests import Click, read_click, read_owned


async def open_link(deps: Deps, click: Click) -> None:
    """Note that the linking page was opened."""
    card_id, _, _version = click.value.partition(":")
    await links.open_link(deps, _asking(deps, click), card_id=CardId(card_id))


async def new_link(deps: Deps, click: Click) -> None:
    """Make a fresh card."""
    card_id, _, version = click.value.partition(":")
    await links.renew_link(deps, _asking(deps, click), card_id=CardId(card_id), version=version)


async def cancel_link(deps: Deps, click: Click) -> None:
    """Kill the card's link."""
    card_id, _, _version = click.value.partition(":")
    await links.cancel_link(deps, _asking(deps, click), card_id=CardId(card_id))


async def pick_profile(deps: Deps, click: Click) -> None:
    """Put a card in the picker's place."""
    owner, ref_id = read_owned(click.value)
    asking = _asking(deps, click)
    if not ref_id:
        raise CardGone(deps.settings.connect_command)
    await links.pick_link(deps, asking, owner=owner, ref_id=ref_id, picker=click.message)


def _asking(deps: Deps, click: Click) -> LinkRequest:
    place = _place(click)
    if place is None or not click.value:
        raise CardGone(deps.settings.connect_command)
    return LinkRequest(click.team, click.user, place, home_team=click.home_team)


def _place(click: Click) -> Surface | None:
    if click.view and click.in_modal:
        return ModalRef(click.view)
    return DirectMessage(click.message_ref, click.response_url) if click.message_ref else click.response_url


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the clicks on a card and on the picker."""
    app.action(OPEN_LINK.action_id)(acknowledged(deps, read_click, open_link))
    app.action(NEW_LINK.action_id)(acknowledged(deps, read_click, new_link))
    app.action(CANCEL_LINK.action_id)(acknowledged(deps, read_click, cancel_link))
    app.action(PICK_PROFILE)(acknowledged(deps, read_click, pick_profile))
