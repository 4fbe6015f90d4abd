"""Why no profile was found for what a person asked for."""

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import UserId
from bot.slack.actions import ASK_ADMIN


class NotMapped(ConnectbotError):
    """No profile is mapped to this person."""

    kind = "not_mapped"

    def __init__(self, owner: UserId, command: str) -> None:
        super().__init__(
            f"No Ayrshare profile is mapped to <@{owner}> yet. "
            f"An admin has to set that up; then `{command}` will work.",
            next_step=NextStep(ASK_ADMIN, only_for=owner),
        )


class NoSuchProfile(ConnectbotError):
    """No profile of this person matches what was asked for."""

    kind = "no_such_profile"


class AccountSettled(ConnectbotError):
    """What a button was about has been kept or undone already, or another account is connected by now."""

    kind = "account_settled"
    says = "That is settled already, or another account is connected by now. Your status shows what is connected."
