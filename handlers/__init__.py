"""One module for each thing a person does, each with `register(app, deps)`."""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from handlers import (
    ask_admin,
    card_actions,
    card_window,
    commands,
    create_profile,
    fallback,
    handover,
    home,
    invitation_actions,
    list_mappings,
    map_profile,
    news,
    profile_status,
    send,
    unmap,
)


def register_all(app: AsyncApp, deps: Deps) -> None:
    """Let the app listen to everything; the catch-all comes last."""
    for module in (
        commands,
        card_actions,
        card_window,
        map_profile,
        create_profile,
        ask_admin,
        news,
        home,
        list_mappings,
        profile_status,
        unmap,
        handover,
        send,
        invitation_actions,
        fallback,
    ):
        module.register(app, deps)
