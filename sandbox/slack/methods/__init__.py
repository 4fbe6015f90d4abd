"""The methods of the Web API that the local Slack has, by name."""

from sandbox.slack.methods import chat, conversations, users, views, workspace
from sandbox.slack.methods.base import Method

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **conversations.METHODS,
    **users.METHODS,
    **views.METHODS,
    **workspace.METHODS,
}

__all__ = ["METHODS", "Method"]
