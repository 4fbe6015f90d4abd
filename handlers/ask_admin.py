"""*Ask an admin*, on the answer to somebody who has no profile yet."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from bot.services import access
from bot.services.asking import ask_admin
from bot.services.replies import tell
from bot.views.actions import ASK_ADMIN
from bot.views.answers import sentence
from handlers.boundary import acknowledged
from handlers.requests import Click, read_click


async def ask(deps: Deps, click: Click) -> None:
    """Let the admins know, and say who they are."""
    await access.check_caller(deps, team=click.team, caller=click.user, home=click.home)
    told = await ask_admin(deps, click.team, click.user)
    names = ", ".join(f"<@{admin}>" for admin in told)
    words = f"I told {names}. You'll be able to use `{deps.settings.connect_command}` once they have mapped a profile."
    again = "You have asked today already; they know."
    await tell(deps, click.user, click.answer, sentence(words if told else again))


def register(app: AsyncApp, deps: Deps) -> None:
    """Listen to the button."""
    app.action(ASK_ADMIN)(acknowledged(deps, read_click, ask))
