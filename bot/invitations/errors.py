"""Why a colleague can't be asked, or a request can't be answered, each with the sentence that people see."""

import math
from datetime import timedelta

from bot.core.errors import ConnectbotError
from bot.invitations.model import NOTE_LIMIT, SECOND, SENDER_LIMIT, InvitationLimit, number_in_words, span_in_words

MINUTE = timedelta(minutes=1)


class NotInvited(ConnectbotError):
    """An invitation can't be sent; the sentence is plain text."""

    kind = "not_invited"


class InvitedOneself(NotInvited):
    """The sender is the recipient."""

    kind = "invited_oneself"

    def __init__(self, command: str) -> None:
        super().__init__(f"That's you. Type {command} for a link of your own.")


class NoteRefused(NotInvited):
    """The note can't be sent as it is."""

    kind = "note_refused"


class NoteTooLong(NoteRefused):
    """The note has `length` characters."""

    def __init__(self, length: int) -> None:
        super().__init__(f"A note can have {NOTE_LIMIT} letters at most; this one has {length}.")


class EmptyNote(NoteRefused):
    """Nothing of the note can be seen."""

    says = "Nothing of that note can be seen. Write it in words, or leave it out."


class LinkInNote(NoteRefused):
    """There is a link in the note."""

    says = "A note can't have a link in it. Say it in words, or write to them yourself."


class NothingToLink(NotInvited):
    """No profile is mapped to the recipient."""

    kind = "nothing_to_link"

    def __init__(self, command: str) -> None:
        super().__init__(
            "They look after no Ayrshare profile yet, so there is nothing to link. "
            f"An admin can change that: {command} map."
        )


class OptedOut(NotInvited):
    """The recipient has muted invitations."""

    kind = "opted_out"
    says = "They don't want me to send them such messages. Please write to them yourself."


class InvitedAlready(NotInvited):
    """The recipient has an invitation to answer, or was sent one too short a time ago."""

    kind = "invited_already"

    def __init__(self, limit: InvitationLimit) -> None:
        if limit is InvitationLimit.LIVE:
            super().__init__("They have been asked to link that profile already, and haven't answered yet.")
        else:
            super().__init__("They got such a message today already. Try again tomorrow, or write to them yourself.")


class InvitedTooMany(NotInvited):
    """The sender, or the workspace, has reached its limit; `wait` is until the next invitation is possible."""

    kind = "invited_too_many"

    def __init__(self, limit: InvitationLimit, wait: timedelta) -> None:
        if limit is InvitationLimit.SENDER:
            often = f"{number_in_words(SENDER_LIMIT.count)} times {span_in_words(SENDER_LIMIT.window)}"
            minutes = max(1, math.ceil(wait // SECOND * SECOND / MINUTE))
            super().__init__(f"You can ask {often}. Please try again in {minutes} min.")
        else:
            super().__init__("So many messages went out today that I send no more. Please try again tomorrow.")


class GroupNotRead(ConnectbotError):
    """Slack doesn't list the members of a user group."""

    kind = "group_not_read"
    says = "Slack doesn't tell me who is in that group. It may have been switched off."


class GroupScopeMissing(GroupNotRead):
    """The app lacks the scope to read user groups."""

    says = "I can't see who is in a group: the app has no scope usergroups:read. Whoever installs it can allow that."


class GroupEmpty(GroupNotRead):
    """The sender is the only member of the group."""

    says = "Nobody but you is in that group."


class NothingBroken(GroupNotRead):
    """An admin wants everybody asked who has disconnected accounts, and nobody but themselves has any."""

    says = "Nobody else has disconnected accounts any more."


class InvitationGone(ConnectbotError):
    """A button was clicked on an invitation that belongs to another person, or is no longer stored."""

    kind = "invitation_gone"

    def __init__(self, command: str) -> None:
        super().__init__(f"That message is too old for its buttons to work. Type `{command}` for a fresh link.")
