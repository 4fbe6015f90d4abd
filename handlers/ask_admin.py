"""*Ask an admin*: for a person or a colleague who has no profile yet, or for what only admins can do."""

from slack_bolt.async_app import AsyncApp

from bot.core.model import UserId
from bot.deps import Deps
from bot.mappings.ask_admin import ask_admin, ask_admin_for
from bot.mappings.told_views import admins_asked
from bot.people import access
from bot.slack.actions import ASK_ADMIN
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, read_click
from handlers.map_profile import open_map_from_button


async def ask(deps: Deps, click: Click) -> None:
    """Notify the admins, and say who they are; the button may name a colleague, whom an admin gives a profile."""
    if click.value:
        await _ask_for(deps, click, UserId(click.value))
        return
    await access.check_caller(deps, click.viewer)
    notified = await ask_admin(deps, click.team, click.user)
    has_profile = bool(await deps.mappings.of(click.team, click.user))
    message = admins_asked(notified, has_profile=has_profile)
    await reply(deps, click.team, click.user, click.response_url, message)


async def _ask_for(deps: Deps, click: Click, colleague: UserId) -> None:
    if await access.is_admin(deps, click.team, await access.check_caller(deps, click.viewer)):
        await open_map_from_button(deps, click)
        return
    message = admins_asked(await ask_admin_for(deps, click.viewer, colleague), colleague=colleague)
    await reply(deps, click.team, click.user, click.response_url, message)


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(ASK_ADMIN.action_id)(acknowledged(deps, read_click, ask))
