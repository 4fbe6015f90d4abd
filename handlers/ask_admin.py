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


async def ask(deps: Deps, click: Click) -> None:
    """Notify the admins, and say who they are."""
    await access.check_caller(deps, team=click.team, caller=click.user, home_team=click.home_team)
    notified = await ask_admin(deps, click.team, click.user)
    names = ", ".join(f"<@{admin}>" for admin in notified)
    words = f"I told {names}. You'll be able to use `{deps.settings.connect_command}` once they have mapped a profile."
    again = "You have asked today already; they know."
    await reply(deps, click.user, click.response_url, sentence(words if notified else again))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(ASK_ADMIN.action_id)(acknowledged(deps, read_click, ask))
