"""`apps.*`: https://docs.slack.dev/reference/methods/apps.connections.open."""

from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from sandbox.slack.api_types import Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.methods.method import Method
from sandbox.slack.workspace import Workspace

TIER_1_BURST: Final = 10
"""A guess: the tier promises one call a minute, and ten sockets are allowed to one app."""
NOT_ON = "[WARN] Socket Mode is not turned on."


def connections_open(slack: Workspace, given: Arguments) -> Json:  # noqa: ARG001  # all methods have this shape
    """Return the address of one socket; Slack gives one out even while Socket Mode is off."""
    query = {"ticket": slack.sockets.tickets.issue(), "app_id": sha256(slack.world.app.app_id.encode()).hexdigest()}
    answer: Json = {"url": f"ws{slack.base_url().removeprefix('http')}/link/?{urlencode(query)}"}
    return answer if slack.socket_mode else answer | {"response_metadata": {"messages": [NOT_ON]}}


METHODS = {
    "apps.connections.open": Method(connections_open, TIER_1_BURST, "connections:write", app_level=True),
}
