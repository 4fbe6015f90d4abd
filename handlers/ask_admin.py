"""*Ask an admin*, on the answer to a person who has no profile yet."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.mappings.ask_admin import ask_admin
from bot.people import access
from bot.slack.actions import ASK_ADMIN
from bot.slack.blocks import sentence
from bot.slack.delivery import reply
from bot.slack.listener import acknowledged
from bot.slack.requests import Click, read_click

ASKED_TODAY = "You've asked today, so your admins know. I'll DM you when you have a profile."


async def ask(deps: Deps, click: Click) -> None:
    """Notify the admins, and say who they are."""
    await access.check_caller(deps, click.viewer)
    notified = await ask_admin(deps, click.team, click.user)
    names = ", ".join(f"<@{admin}>" for admin in notified)
    words = f"I asked {names}. I'll DM you when you have a profile." if notified else ASKED_TODAY
    await reply(deps, click.team, click.user, click.response_url, sentence(words))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(ASK_ADMIN.action_id)(acknowledged(deps, read_click, ask))
