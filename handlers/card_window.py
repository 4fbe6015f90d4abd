"""A card in a window, opened from the Home tab or a list."""

from slack_bolt.async_app import AsyncApp

from bot.cards import links
from bot.cards.errors import CardGone
from bot.cards.links import LinkRequest
from bot.cards.model import CardId
from bot.cards.views import WINDOW
from bot.core.model import RefId, UserId
from bot.deps import Deps
from bot.slack.actions import CARD_WINDOW, CONNECT, LINK_FOR
from bot.slack.listener import acknowledged, modal_session
from bot.slack.model import ModalRef
from bot.slack.requests import Click, Submission, read_click, read_owned, read_submission


async def connect(deps: Deps, click: Click) -> None:
    """Show a card for one of the caller's own profiles."""
    await _show(deps, click, owner=click.user, ref_id=RefId(click.value))


async def link_for(deps: Deps, click: Click) -> None:
    """Show a card for somebody's profile."""
    owner, ref_id = read_owned(click.value)
    await _show(deps, click, owner=owner, ref_id=ref_id)


async def close_card(deps: Deps, closed: Submission) -> None:
    """Stop counting down in a window that is gone."""
    try:
        await links.close_card(deps, closed.team, viewer=closed.user, card_id=CardId(closed.metadata))
    except CardGone:
        return  # there is nothing left to stop


async def _show(deps: Deps, click: Click, *, owner: UserId, ref_id: RefId) -> None:
    async with modal_session(deps, click, title=WINDOW) as view:
        asking = LinkRequest(click.team, click.user, ModalRef(view), home_team=click.home_team)
        await links.link_for(deps, asking, owner=owner, ref_id=ref_id)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the buttons, and to the window's end."""
    app.action(CONNECT.action_id)(acknowledged(deps, read_click, connect))
    app.action(LINK_FOR.action_id)(acknowledged(deps, read_click, link_for))
    app.view_closed(CARD_WINDOW)(acknowledged(deps, read_submission, close_card))
