"""*Get my link*, the button of a digest: a link for the profile it stands under."""

from dataclasses import replace

from slack_bolt.async_app import AsyncApp

from bot.cards import offer
from bot.cards.errors import CardGone
from bot.cards.model import LinkRequest
from bot.core.model import RefId
from bot.deps import Deps
from bot.slack.actions import NEWS_LINK
from bot.slack.listener import acknowledged
from bot.slack.model import DirectMessage, Surface
from bot.slack.requests import Click, read_click


async def notification_link(deps: Deps, click: Click) -> None:
    """Offer a link in place of the digest if it is about one profile only, else beside it."""
    ref_id, _, alone = click.value.partition(":")
    surface = _surface(click, alone=bool(alone))
    if surface is None or not ref_id:
        raise CardGone(deps.settings.connect_command)
    request = LinkRequest(click.team, click.user, surface, home_team=click.home_team)
    picker = f"{click.message}:{ref_id}"
    await offer.pick_link(deps, request, owner=click.user, ref_id=RefId(ref_id), picker=picker)


def _surface(click: Click, *, alone: bool) -> Surface | None:
    if alone and click.message_ref:
        return DirectMessage(click.message_ref, click.response_url)
    return replace(click.response_url, replaces=False) if click.response_url else None


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(NEWS_LINK.action_id)(acknowledged(deps, read_click, notification_link))
