"""What Slack refuses."""

from datetime import timedelta

from bot.core.errors import ConnectbotError


class SlackUnavailable(ConnectbotError):
    """Slack cannot be asked, so whatever depended on its answer is refused; `word` is its reason, if it gave one."""

    kind = "slack_unavailable"

    def __init__(self, word: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__("Slack didn't tell me who you are, so I can't go on. Please try again in a minute.")
        self.slack_error = word
        self.retry_after = retry_after

    @property
    def passes(self) -> bool:
        """Whether the same call may succeed later."""
        return self.slack_error in TRANSIENT


TRANSIENT = frozenset({"", "ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""What a later call may get past; no word at all means that Slack was out of reach."""
TOKEN_ERRORS = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_expired", "token_revoked", "missing_scope"}
)
"""What Slack says where the bot itself is at fault, until somebody mends that.

https://docs.slack.dev/reference/methods/chat.postMessage
"""
MESSAGE_GONE = frozenset({"message_not_found", "cant_update_message", "channel_not_found"})
"""What Slack says of a message that was deleted, so that there is nothing left to edit."""


class WindowNotOpened(ConnectbotError):
    """Slack did not open a modal, most often because its three seconds were over."""

    kind = "window_not_opened"

    def __init__(self) -> None:
        super().__init__("Slack didn't let me open the window in time. Please try again.")


class WindowNotDrawn(SlackUnavailable):
    """Slack did not redraw an open modal."""

    kind = "window_not_drawn"

    def __init__(self, word: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(word, retry_after=retry_after)
        self.sentence = "Slack didn't let me show what you asked for. Please try again in a minute."


class WindowClosed(ConnectbotError):
    """A modal that was to be redrawn is no longer there."""

    kind = "window_closed"

    def __init__(self) -> None:
        super().__init__("That window has been closed meanwhile. Please open it again.")


class AnswerRefused(ConnectbotError):
    """A `response_url` is spent or expired (`for_good`), or out of reach this time."""

    kind = "answer_refused"

    def __init__(self, *, for_good: bool = True, too_many: bool = False) -> None:
        self.for_good = for_good
        self.too_many = too_many
        super().__init__("Slack no longer accepts answers to that message. Please type the command again.")
