"""The Slack app's manifest: its name, its scopes, its events and the address that Slack calls.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any

from bot.slack.actions import SEND_ANYWHERE, SEND_TO_AUTHOR
from bot.slack.signature import REDIRECT_PATH, REQUEST_PATH

SCOPES = {
    "commands": "the slash command",
    "chat:write": "direct messages: what can't be shown where it was asked for, who asks for a profile, what changed",
    "users:read": "who is a member, a guest or an admin, and who leaves",
    "im:write": "which direct message is with whom, to look there after a crash before anything is sent again",
    "im:history": "what people write to the bot, to answer it; and whether a message to them was sent before a crash",
    "usergroups:read": "who is in the user groups that CONNECT_ADMINS names or that an admin asks for accounts",
    "users:read.email": "whose address is in a file for mappings import, where a link is mailed to, whom an app means",
}
"""The bot's scopes, and what each is for."""

BOT_SCOPES = tuple(SCOPES)
OPTIONAL_SCOPES = ("usergroups:read", "users:read.email")
"""Scopes that can be left out at the installation; Slack wants them in both lists."""

SHORTCUTS = (
    {
        "name": "Ask a colleague",
        "type": "global",
        "callback_id": SEND_ANYWHERE,
        "description": "Ask a colleague to connect their social accounts",
    },
    {
        "name": "Ask a colleague",
        "type": "message",
        "callback_id": SEND_TO_AUTHOR,
        "description": "Ask whoever wrote this to connect their social accounts",
    },
)
"""For where a command can't be typed, such as threads."""

BOT_EVENTS = ("app_home_opened", "message.im", "subteam_members_changed", "subteam_updated", "user_change")
"""The events that Slack sends."""
PLACE_EVENTS = ("app_uninstalled", "tokens_revoked", "team_access_revoked", "team_access_granted")
"""Those that tell where the app may work, where there are many workspaces."""

NAME = "connectbot"
DESCRIPTION = "Connect your social accounts to Ayrshare without leaving Slack"
LONG_DESCRIPTION = (
    "Ayrshare posts to Instagram, LinkedIn, TikTok and other networks for people who have connected their accounts to "
    "it. A link for that soon expires, so connectbot makes one whenever you ask: type the command, press the button, "
    "sign in. Only you see your link and how long it works. "
    "connectbot also tells you which accounts are connected, and asks you to reconnect those that stop posting."
)
BACKGROUND = "#1d3557"


USAGE_HINT = "[@someone] [profile or network]"


def app_manifest(*, command: str, public_url: str | None, many_workspaces: bool = False) -> dict[str, Any]:
    """Return the manifest for HTTP or, without a `public_url`, for Socket Mode.

    For many workspaces, over HTTP only: they install the app by OAuth, also whole organizations, and tokens expire.
    """
    address = public_url and f"{public_url}{REQUEST_PATH}"
    many = many_workspaces and address is not None
    events = [*BOT_EVENTS, *PLACE_EVENTS] if many else list(BOT_EVENTS)
    return {
        "display_information": {
            "name": NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": BACKGROUND,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": list(SHORTCUTS),
            "slash_commands": [_slash_command(command, address)],
        },
        "oauth_config": ({"redirect_urls": [f"{public_url}{REDIRECT_PATH}"]} if many else {})
        | {"scopes": {"bot": list(BOT_SCOPES), "bot_optional": list(OPTIONAL_SCOPES)}},
        "settings": {
            "event_subscriptions": _request_url(address) | {"bot_events": events},
            "interactivity": _request_url(address) | _options_url(address) | {"is_enabled": True},
            "org_deploy_enabled": many,
            "socket_mode_enabled": address is None,
            "token_rotation_enabled": many,
        },
    }


def _request_url(address: str | None) -> dict[str, str]:
    return {"request_url": address} if address else {}


def _options_url(address: str | None) -> dict[str, str]:
    """Where Slack asks for the options of a select while a person types."""
    return {"message_menu_options_url": address} if address else {}


def _slash_command(command: str, address: str | None) -> dict[str, Any]:
    """Describe the command. Without `should_escape` Slack would send a mention as plain text."""
    known = {"command": command, "description": DESCRIPTION, "usage_hint": USAGE_HINT, "should_escape": True}
    return known | ({"url": address} if address else {})
