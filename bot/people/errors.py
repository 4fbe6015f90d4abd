"""Why a person may not do something."""

from datetime import timedelta

from bot.core.errors import ConnectbotError
from bot.core.model import UserId


class NotAllowed(ConnectbotError):
    """Somebody asked for a link that is not theirs to see."""

    kind = "not_allowed"


class NotTheirs(NotAllowed):
    """Somebody asked for the link of somebody else, who can be asked to open it themselves."""

    def __init__(self, owner: UserId, command: str) -> None:
        super().__init__(
            f"Only <@{owner}> can open their linking page, so I can't show it to you. I can send them a message with a "
            f"button to it, or they type `{command}` themselves."
        )
        self.owner = owner


class NotAPerson(ConnectbotError):
    """Something was typed that is not a mention of one person."""

    kind = "not_a_person"


class NotServed(ConnectbotError):
    """Somebody who was chosen can't look after a profile; the sentence is plain text."""

    kind = "not_served"


class AskedTooOften(ConnectbotError):
    """A minute's share of links, or of looks at the status, is used up."""

    kind = "asked_too_often"

    def __init__(self, wait: timedelta, what: str) -> None:
        seconds = max(1, round(wait.total_seconds()))
        requests = {"links": "links", "status": "looks at the status", "invitations": "invitations"}[what]
        super().__init__(f"That was too many {requests} within a minute. Please try again in {seconds} s.")
