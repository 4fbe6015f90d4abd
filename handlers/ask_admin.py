"""*Ask an admin*, on the answer to a person who has no profile yet, or who wants what only admins can do."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.mappings.ask_admin import ask_admin
from bot.mappings.told_views import admins_asked
from bot.people import access
from bot.slack.actions import ASK_ADMIN
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, read_click


async def ask(deps: Deps, click: Click) -> None:
    """Notify the admins, and say who they are."""
    await access.check_caller(deps, click.viewer)
    notified = await ask_admin(deps, click.team, click.user)
    has_profile = bool(await deps.mappings.of(click.team, click.user))
    message = admins_asked(notified, has_profile=has_profile)
    await reply(deps, click.team, click.user, click.response_url, message)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(ASK_ADMIN.action_id)(acknowledged(deps, read_click, ask))
