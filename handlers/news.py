"""*Get my link* on a message that tells what fell off."""

from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.cards import links
from bot.cards.errors import CardGone
from bot.cards.links import LinkRequest
from bot.core.model import RefId
from bot.deps import Deps
from bot.slack.actions import NEWS_LINK
from bot.slack.listener import acknowledged
from bot.slack.model import DirectMessage, Surface
from bot.slack.requests import Click, read_click


async def news_link(deps: Deps, click: Click) -> None:
    """Make a link for whoever pressed: in the message's place if that is about one profile, else beside it."""
    ref_id, _, alone = click.value.partition(":")
    place = _place(click, alone=bool(alone))
    if place is None or not ref_id:
        raise CardGone(deps.settings.connect_command)
    asking = LinkRequest(click.team, click.user, place, home_team=click.home_team)
    press = f"{click.message}:{ref_id}"
    await links.pick_link(deps, asking, owner=click.user, ref_id=RefId(ref_id), picker=press)


def _place(click: Click, *, alone: bool) -> Surface | None:
    if alone and click.message_ref:
        return DirectMessage(click.message_ref, click.response_url)
    return replace(click.response_url, replaces=False) if click.response_url else None


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(NEWS_LINK.action_id)(acknowledged(deps, read_click, news_link))
