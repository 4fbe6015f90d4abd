"""The methods of the Web API that the local Slack has, by name."""

from sandbox.slack.methods import accounts, apps, chat, conversations, usergroups, views
from sandbox.slack.methods.method import Method

METHODS: dict[str, Method] = {
    **accounts.METHODS,
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **usergroups.METHODS,
    **views.METHODS,
}

__all__ = ["METHODS", "Method"]
