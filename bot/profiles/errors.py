"""Why no profile was found for what a person asked for."""

from bot.core.errors import ConnectbotError
from bot.core.model import UserId


class NotMapped(ConnectbotError):
    """No profile is mapped to this person."""

    kind = "not_mapped"

    def __init__(self, owner: UserId, command: str) -> None:
        super().__init__(
            f"No Ayrshare profile is mapped to <@{owner}> yet. An admin has to set that up; then `{command}` will work."
        )
        self.owner = owner


class NoSuchProfile(ConnectbotError):
    """No profile of this person matches what was asked for."""

    kind = "no_such_profile"
