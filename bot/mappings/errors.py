"""Why a profile can't be mapped or created."""

from bot.core.errors import ConnectbotError


class KeyRefused(ConnectbotError):
    """What was typed is not the key of a profile that works."""

    kind = "key_refused"


class TooSlow(ConnectbotError):
    """Ayrshare took longer than a submitted modal can wait."""

    kind = "too_slow"

    def __init__(self) -> None:
        super().__init__("Ayrshare took too long to answer. What you entered is still here: please submit it again.")


class NothingPending(ConnectbotError):
    """What was to be confirmed is confirmed already, or too old."""

    kind = "nothing_pending"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"This was confirmed already, or has waited for more than ten minutes. Type `{command} map` to start again."
        )


class CreationUnclear(ConnectbotError):
    """Nobody knows yet whether Ayrshare created a profile."""

    kind = "creation_unclear"


class TitleKnown(ConnectbotError):
    """A profile with that title is known already."""

    kind = "title_known"

    def __init__(self) -> None:
        super().__init__("I know a profile with that title already. Choose it above under the profiles I know.")


class AdminNotReached(ConnectbotError):
    """No admin could be sent a direct message."""

    kind = "admin_not_reached"

    def __init__(self) -> None:
        super().__init__(
            "I couldn't reach an admin just now. Please try again in a few minutes, or write to one yourself."
        )
