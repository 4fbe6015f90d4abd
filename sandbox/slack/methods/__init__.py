"""The methods of the Web API that the local Slack has, by name."""

from sandbox.slack.methods import accounts, chat, conversations, usergroups, views
from sandbox.slack.methods.method import Method

METHODS: dict[str, Method] = {
    **accounts.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **usergroups.METHODS,
    **views.METHODS,
}

__all__ = ["METHODS", "Method"]
