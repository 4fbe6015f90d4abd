"""What people do in Slack: one module a behaviour, each with `register(app, deps)`.

A handler reads the request, calls one use case and answers. Start with commands.py, the table of what can be typed.
"""

from slack_bolt.async_app import AsyncApp

from bot.deps import Deps
from handlers import (
    ask_admin,
    ask_to_connect,
    client_links,
    connect,
    digest_actions,
    direct_messages,
    dispatch,
    fallback,
    forget_profile,
    handover,
    home,
    invitation_actions,
    list_mappings,
    map_profile,
    people_changes,
    right_account,
    send,
    status,
    unmap,
    workspace_changes,
)


def register_all(app: AsyncApp, deps: Deps) -> None:
    """Register every handler; Bolt takes the first that matches, so the fallback comes last."""
    for module in (
        dispatch,
        direct_messages,
        connect,
        digest_actions,
        map_profile,
        ask_admin,
        home,
        list_mappings,
        status,
        unmap,
        forget_profile,
        handover,
        people_changes,
        right_account,
        ask_to_connect,
        send,
        invitation_actions,
        workspace_changes,
        client_links,
        fallback,
    ):
        module.register(app, deps)
