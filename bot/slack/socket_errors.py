"""Why there is no WebSocket to Slack, for operators.

NotConnected            a WebSocket was not opened, or was lost
├── AppTokenRefused     Slack does not accept SLACK_APP_TOKEN
└── SocketModeOff       Socket Mode is switched off in the app's settings
"""

from typing import ClassVar

from bot.core.errors import ConnectbotError


class NotConnected(ConnectbotError):
    """A WebSocket was not opened, or was lost.

    `wait` is the pause until the next try in seconds, if it is known. `needs_operator` tells that a setting is wrong.
    """

    kind = "not_connected"
    needs_operator: ClassVar[bool] = False

    def __init__(self, sentence: str, *, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait


class AppTokenRefused(NotConnected):
    """Slack does not accept SLACK_APP_TOKEN."""

    kind = "app_token_refused"
    needs_operator = True

    def __init__(self, reason: str, *, wait: float) -> None:
        super().__init__(
            f"Slack refuses SLACK_APP_TOKEN ({reason}). Make an app-level token with the scope connections:write "
            "in the app's settings, and set SLACK_APP_TOKEN to it.",
            wait=wait,
        )


class SocketModeOff(NotConnected):
    """Socket Mode is switched off in the app's settings."""

    kind = "socket_mode_off"
    needs_operator = True

    def __init__(self, *, wait: float) -> None:
        super().__init__(
            "Socket Mode is switched off in the Slack app's settings. Switch it on there, or unset SLACK_APP_TOKEN.",
            wait=wait,
        )
