"""*Snooze my warnings for a week* on a digest; *Reconnect* is a way to a card (`connect.py`)."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.notifications.model import SNOOZED_FOR
from bot.notifications.views import snoozed_message
from bot.people import access
from bot.slack.actions import SNOOZE
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.model import beside
from bot.slack.requests import Click, read_click


async def snooze(deps: Deps, click: Click) -> None:
    """Keep quiet for a while, for the reader of a digest."""
    await access.check_caller(deps, click.viewer)
    until = deps.clock.now() + SNOOZED_FOR
    await deps.preferences.snooze(click.team, click.user, until)
    await reply(deps, click.team, click.user, beside(click.response_url), snoozed_message(until))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(SNOOZE.action_id)(acknowledged(deps, read_click, snooze))
