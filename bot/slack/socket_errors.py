"""Why there is no WebSocket to Slack, each with the sentence that an operator is shown."""

from typing import ClassVar

from bot.core.errors import ConnectbotError
from bot.slack.socket_timings import Timings


class NotConnected(ConnectbotError):
    """A socket was not to be had, or was lost.

    `wait` is in seconds until the next try, where there is a word on that; `needs_somebody` tells whether it will not
    mend by itself.
    """

    kind = "not_connected"
    needs_somebody: ClassVar[bool] = False

    def __init__(self, sentence: str, *, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait


class AppTokenRefused(NotConnected):
    """Slack does not accept SLACK_APP_TOKEN."""

    kind = "app_token_refused"
    needs_somebody = True

    def __init__(self, word: str, *, wait: float) -> None:
        super().__init__(
            f"Slack refuses SLACK_APP_TOKEN ({word}). Make an app-level token with the scope connections:write "
            "in the app's settings, and set SLACK_APP_TOKEN to it.",
            wait=wait,
        )


class SocketModeOff(NotConnected):
    """Socket Mode is switched off in the app's settings."""

    kind = "socket_mode_off"
    needs_somebody = True

    def __init__(self, *, wait: float) -> None:
        super().__init__(
            "Socket Mode is switched off in the Slack app's settings. Switch it on there, or unset SLACK_APP_TOKEN.",
            wait=wait,
        )


def turned_away(reason: str, timings: Timings) -> NotConnected:
    """Return what it means that a socket ended without Slack having asked for another."""
    if reason == "link_disabled":
        return SocketModeOff(wait=timings.refused)
    if reason == "too_many_websockets":
        return NotConnected(
            "All ten WebSockets that Slack allows an app are taken. Run five replicas at most.", wait=timings.crowded
        )
    return NotConnected(f"A WebSocket to Slack was lost ({reason}).")
