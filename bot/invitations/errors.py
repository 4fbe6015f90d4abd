"""Why a request can't be sent or answered."""

from bot.core.errors import ConnectbotError


class NotInvited(ConnectbotError):
    """An invitation can't be sent; the sentence is plain text."""

    kind = "not_invited"


class InvitedOneself(NotInvited):
    """Somebody would invite themselves."""

    kind = "invited_oneself"

    def __init__(self, command: str) -> None:
        super().__init__(f"That's you. Type {command} for a link of your own.")


class NoteRefused(NotInvited):
    """The note is too long, or there is a link in it."""

    kind = "note_refused"


class NothingToLink(NotInvited):
    """The recipient looks after no profile."""

    kind = "nothing_to_link"

    def __init__(self, command: str) -> None:
        super().__init__(
            "They look after no Ayrshare profile yet, so there is nothing to link. "
            f"An admin can change that: {command} map."
        )


class OptedOut(NotInvited):
    """The recipient wants no invitations."""

    kind = "opted_out"

    def __init__(self) -> None:
        super().__init__("They don't want me to send them such messages. Please write to them yourself.")


class InvitedAlready(NotInvited):
    """The recipient has an invitation to answer, or had one within a day."""

    kind = "invited_already"


class InvitedTooMany(NotInvited):
    """An hour's share of one person, or a day's share of the workspace, is used up."""

    kind = "invited_too_many"


class GroupNotRead(ConnectbotError):
    """Slack doesn't tell who is in a user group, or it is nobody who could be asked."""

    kind = "group_not_read"


class InvitationGone(ConnectbotError):
    """A button was pressed on an invitation that isn't this person's, or that we no longer keep."""

    kind = "invitation_gone"

    def __init__(self, command: str) -> None:
        super().__init__(f"That message is too old for its buttons to work. Type `{command}` for a fresh link.")
