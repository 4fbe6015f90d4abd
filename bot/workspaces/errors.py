"""What can go wrong while a workspace installs the app, or when it has not; people read it on a page or in Slack."""

from http import HTTPStatus
from typing import ClassVar

from bot.core.errors import ConnectbotError
from bot.slack.errors import FinalRefusal


class NotInstalled(FinalRefusal):
    """The workspace has not installed the app, or not any more, or is no longer allowed to."""

    kind = "not_installed"
    says = "I'm not installed in your workspace. Ask whoever runs this bot."


class InstallStopped(ConnectbotError):
    """An installation did not come to its end; `status` is the page's."""

    kind = "install_stopped"
    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST


class InstallCancelled(InstallStopped):
    """The person did not allow it."""

    kind = "install_cancelled"
    status = HTTPStatus.OK
    says = "You didn't allow it, so nothing was installed."


class InstallTooLate(InstallStopped):
    """The state is unknown, used or too old, or of another browser."""

    kind = "install_too_late"
    says = "That took too long, or it began in another browser. Start again."


class TooManyInstalls(InstallStopped):
    """More installations have begun lately than anyone needs."""

    kind = "too_many_installs"
    status = HTTPStatus.TOO_MANY_REQUESTS
    says = "Too many installations have begun. Try again in ten minutes."


class InstallRefused(InstallStopped):
    """Slack gave no token; `reason` is its word."""

    kind = "install_refused"
    status = HTTPStatus.BAD_GATEWAY
    says = "Slack didn't finish the installation. Start again. If that fails too, tell whoever runs this bot."

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class WorkspaceNotAllowed(InstallStopped):
    """The place is not on the list."""

    kind = "workspace_not_allowed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, name: str) -> None:
        super().__init__(
            f"This bot isn't for {name}, and nothing was kept. Ask whoever runs it to allow your workspace."
        )
