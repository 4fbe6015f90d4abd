"""`apps.*`, `auth.*` and `team.*`: https://docs.slack.dev/reference/methods."""

from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.base import Method
from sandbox.slack.rate_limiter import TIER_3
from sandbox.slack.workspace import Workspace

TIER_1_BURST: Final = 10
"""An assumption: the tier promises one call a minute, but one app may open ten sockets."""
HUNDREDS = 600
"""Slack says "hundreds per minute"."""
SOCKET_MODE_OFF = "[WARN] Socket Mode is not turned on."


def connections_open(slack: Workspace, arguments: Arguments) -> Json:  # noqa: ARG001  # all methods have this shape
    """Return the URL of one WebSocket; Slack returns one even while Socket Mode is off."""
    query = {"ticket": slack.sockets.tickets.issue(), "app_id": sha256(slack.world.app.app_id.encode()).hexdigest()}
    response: Json = {"url": f"ws{slack.base_url().removeprefix('http')}/link/?{urlencode(query)}"}
    return response if slack.socket_mode else response | {"response_metadata": {"messages": [SOCKET_MODE_OFF]}}


def auth_test(slack: Workspace, arguments: Arguments) -> Json:  # noqa: ARG001  # all methods have this shape
    """Return the identity of the app."""
    team, app = slack.world.team, slack.world.app
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": slack.world.users[app.bot_user_id].name,
        "team_id": team.id,
        "user_id": app.bot_user_id,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def team_info(slack: Workspace, arguments: Arguments) -> Json:
    """Return the workspace."""
    team = slack.world.team
    if arguments.text("team", team.id) != team.id:
        raise ErrorResponse("team_not_found")
    icon = {"image_default": True}
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": icon}}


METHODS = {
    "apps.connections.open": Method(connections_open, TIER_1_BURST, "connections:write", app_level=True),
    "auth.test": Method(auth_test, HUNDREDS),
    "team.info": Method(team_info, TIER_3, "team:read"),
}
