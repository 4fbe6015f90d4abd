"""One module for each thing a person does, each with `register(app, deps)`."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from handlers import ask_admin, card_actions, commands, unknown


def register_all(app: AsyncApp, deps: Deps) -> None:
    """Let the app listen to everything; the catch-all comes last."""
    for module in (commands, card_actions, ask_admin, unknown):
        module.register(app, deps)
