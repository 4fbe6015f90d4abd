"""What Slack can refuse, as classes: mapped once from Slack's own words, so that no other module reads these.

SlackError                   Slack refused a call for a reason that needs no special treatment
├── SlackAway                no answer, or a failure of Slack's own: the call may have been carried out all the same
├── SlackRateLimited         too many calls; `retry_after` tells how long to wait
├── TokenRejected            the bot's own token is invalid until an operator replaces it
│   └── ScopeMissing         the app was installed without a scope
├── MessageGone              the message was deleted or can't be edited any more
├── RecipientDeactivated     the person's Slack account is deactivated
├── ModalGone                the modal to be updated is no longer open
└── ModalNotUpdated          a modal couldn't be updated, for any of the other reasons

NotConnected                 there is no WebSocket to Slack
├── AppTokenRefused          Slack does not accept SLACK_APP_TOKEN
└── SocketModeOff            Socket Mode is switched off in the app's settings

NotAPerson, ModalNotOpened, ModalClosed and ResponseUrlRefused are shown to people; DirectoryClosed is shown to
operators.

https://docs.slack.dev/reference/methods/chat.postMessage lists Slack's words.
"""

from datetime import timedelta
from typing import ClassVar

from bot.core.errors import ConnectbotError


class SlackError(ConnectbotError):
    """Slack refused a call. `reason` is Slack's own word, for the log; `transient`: the same call may succeed later."""

    kind = "slack_unavailable"

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None, transient: bool = False) -> None:
        super().__init__("Slack didn't tell me who you are, so I can't go on. Please try again in a minute.")
        self.reason = reason
        self.retry_after = retry_after
        self.transient = transient

    @property
    def retryable(self) -> bool:
        """Whether to repeat the call later: it may pass by itself, or once an operator has replaced the token."""
        return self.transient or isinstance(self, TokenRejected)


class SlackAway(SlackError):
    """Slack didn't answer, or failed itself: it is unknown whether the call was carried out."""

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, retry_after=retry_after, transient=True)


class SlackRateLimited(SlackError):
    """The method was called too often."""

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, retry_after=retry_after, transient=True)


class TokenRejected(SlackError):
    """The bot's own token is refused."""


class ScopeMissing(TokenRejected):
    """The bot's token lacks a scope."""


class MessageGone(SlackError):
    """The message was deleted, or can't be edited any more."""


class RecipientDeactivated(SlackError):
    """The person's account is deactivated, so no message can reach them; each feature says so in its own words."""


class ModalGone(SlackError):
    """The modal is no longer open."""


class ModalNotUpdated(SlackError):
    """Slack did not update an open modal."""

    kind = "modal_not_updated"

    def __init__(self, cause: SlackError) -> None:
        super().__init__(cause.reason, retry_after=cause.retry_after, transient=cause.transient)
        self.sentence = "Slack didn't let me show what you asked for. Please try again in a minute."
        self.cause = cause

    @property
    def retryable(self) -> bool:
        """Whether the update is worth repeating."""
        return self.cause.retryable


class ModalNotOpened(ConnectbotError):
    """Slack did not open a modal, most often because its trigger's three seconds were over."""

    kind = "modal_not_opened"
    says = "Slack didn't let me open the window in time. Please try again."


class ModalClosed(ConnectbotError):
    """The modal was closed before it could be updated."""

    kind = "modal_closed"
    says = "That window has been closed meanwhile. Please open it again."


class ResponseUrlRefused(ConnectbotError):
    """A `response_url` is spent or expired (`for_good`), or out of reach this time."""

    kind = "response_url_refused"

    def __init__(self, *, for_good: bool = True, too_many: bool = False) -> None:
        self.for_good = for_good
        self.too_many = too_many
        super().__init__("Slack no longer accepts answers to that message. Please type the command again.")


class NotAPerson(ConnectbotError):
    """The text of a command does not mention one person."""

    kind = "not_a_person"


class DirectoryClosed(ConnectbotError):
    """Slack did not list the people of the workspace, for the reason that `cause` has."""

    kind = "directory_closed"

    def __init__(self, cause: SlackError) -> None:
        if isinstance(cause, ScopeMissing):
            said = "SLACK_BOT_TOKEN lacks the scope users:read. Add it to the Slack app and install the app again."
        elif isinstance(cause, TokenRejected):
            said = (
                f"Slack doesn't accept SLACK_BOT_TOKEN ({cause.reason}). Install the app again and copy its bot token."
            )
        else:
            said = f"Slack can't be asked just now ({cause.reason or 'no answer'}). Please try again in a minute."
        super().__init__(said)


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


_BY_REASON: dict[str, type[SlackError]] = {
    **dict.fromkeys(("", "internal_error", "fatal_error", "service_unavailable", "request_timeout"), SlackAway),
    "ratelimited": SlackRateLimited,
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "account_inactive", "token_expired", "token_revoked"), TokenRejected
    ),
    "missing_scope": ScopeMissing,
    **dict.fromkeys(("message_not_found", "cant_update_message", "channel_not_found"), MessageGone),
    "user_disabled": RecipientDeactivated,
    "not_found": ModalGone,
}


def slack_error(reason: str, *, retry_after: timedelta | None = None) -> SlackError:
    """Return the failure that Slack's word for it stands for."""
    return _BY_REASON.get(reason, SlackError)(reason, retry_after=retry_after)
