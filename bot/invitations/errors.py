"""Why a colleague can't be asked, or a request can't be answered, each with the sentence that people see."""

import math
from datetime import timedelta

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import UserId
from bot.invitations.model import NOTE_LIMIT, SECOND, SENDER_LIMIT, InvitationLimit
from bot.slack.actions import ASK_ADMIN, ASK_COLLEAGUE, CONNECT, MAP_A_PROFILE
from bot.slack.errors import NotAPerson
from bot.slack.text import number_in_words, span_in_words

MINUTE = timedelta(minutes=1)


class NotInvited(ConnectbotError):
    """An invitation can't be sent."""

    kind = "not_invited"


class InvitedOneself(NotInvited):
    """The sender is the recipient."""

    kind = "invited_oneself"
    says = "That's you. You can connect your own accounts right away."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(CONNECT))


class NobodyMentioned(NotAPerson):
    """Nobody is mentioned behind `send`."""

    def __init__(self, command: str) -> None:
        whom = f"Who should I ask? Mention them first: `{command} send @ben`."
        super().__init__(whom, next_step=NextStep(ASK_COLLEAGUE))


class AskedWrongly(NotInvited):
    """Other people, another profile or another note have to be chosen, for which there is the form."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence, next_step=NextStep(ASK_COLLEAGUE))


class NoteRefused(AskedWrongly):
    """The note can't be sent as it is."""

    kind = "note_refused"


class NoteTooLong(NoteRefused):
    """The note has `length` characters."""

    def __init__(self, length: int) -> None:
        super().__init__(f"A note can have {NOTE_LIMIT} characters. Yours has {length}.")


class EmptyNote(NoteRefused):
    """Nothing of the note can be seen."""

    says = "Your note has only invisible characters. Write it again, or leave it out."


class LinkInNote(NoteRefused):
    """There is a link in the note."""

    says = "A note can't have a link. Take it out, or message them directly."


class NothingToLink(NotInvited):
    """The recipient has no profile; the `admin` who wanted to ask them can give them one."""

    kind = "nothing_to_link"

    def __init__(self, recipient: UserId, *, admin: bool = False) -> None:
        step = NextStep(MAP_A_PROFILE if admin else ASK_ADMIN, recipient)
        then = "Give them one first." if admin else "An admin can give them one."
        super().__init__(f"<@{recipient}> doesn't have a profile yet. {then}", next_step=step)


class OtherProfiles(AskedWrongly):
    """The recipient has none of the profiles that were chosen."""

    kind = "other_profiles"

    def __init__(self, recipient: UserId) -> None:
        super().__init__(f"<@{recipient}> no longer has that profile. Choose again.")


class RecipientMuted(NotInvited):
    """The recipient has muted invitations."""

    kind = "opted_out"

    def __init__(self, recipient: UserId) -> None:
        super().__init__(f"<@{recipient}> has muted these requests. Message them directly.")


class InvitedAlready(NotInvited):
    """The recipient has an invitation to answer, or was sent one too short a time ago."""

    kind = "invited_already"

    def __init__(self, limit: InvitationLimit, recipient: UserId) -> None:
        if limit is InvitationLimit.LIVE:
            super().__init__(f"<@{recipient}> already has a request about that profile. They haven't answered yet.")
        else:
            super().__init__(f"<@{recipient}> got a request today. Try again tomorrow, or message them directly.")


class InvitedTooMany(NotInvited):
    """The sender, or the workspace, has reached its limit; `wait` is until the next invitation is possible."""

    kind = "invited_too_many"

    def __init__(self, limit: InvitationLimit, wait: timedelta) -> None:
        if limit is InvitationLimit.SENDER:
            often = f"{number_in_words(SENDER_LIMIT.count)} people {span_in_words(SENDER_LIMIT.window)}"
            minutes = max(1, math.ceil(wait // SECOND * SECOND / MINUTE))
            super().__init__(f"You can ask {often}. Try again in {minutes} min.")
        else:
            super().__init__("This workspace has sent all of today's requests. Try again tomorrow.")


class TooManyPeople(AskedWrongly):
    """More people are named than a sender may ask."""

    kind = "too_many_people"
    says = f"You can ask {number_in_words(SENDER_LIMIT.count)} people at once. Admins can ask a user group."


class NotNudged(ConnectbotError):
    """Nobody of those who were asked can be nudged."""

    kind = "not_nudged"
    says = "There's nobody to nudge: they've answered, or asked for time."


class NudgedToday(NotNudged):
    """Whoever can be nudged was nudged within a day."""

    says = "You can nudge once a day. Try again tomorrow, or message them directly."


class GroupNotRead(ConnectbotError):
    """Slack doesn't list the members of a user group."""

    kind = "group_not_read"
    says = "I can't see who is in that group. Check in Slack that it's still there."


class GroupScopeMissing(GroupNotRead):
    """The app lacks the scope to read user groups."""

    says = "I'm not allowed to see who is in a group. Whoever runs this bot can add the scope usergroups:read."


class GroupEmpty(GroupNotRead):
    """The group has no member besides the sender."""

    says = "There is nobody else in that group."


class NothingBroken(GroupNotRead):
    """An admin wants everybody asked who has disconnected accounts, and nobody but themselves has any."""

    says = "Good news: nobody else has disconnected accounts."


class NothingReconnectable(GroupNotRead):
    """An admin wants everybody asked who has disconnected accounts, and nobody else could reconnect theirs.

    `not_offered` says why.
    """

    def __init__(self, not_offered: str) -> None:
        super().__init__(f"Nobody else can reconnect what is disconnected. {not_offered}")


class InvitationGone(ConnectbotError):
    """A button was clicked on an invitation that belongs to another person, or is no longer stored."""

    kind = "invitation_gone"
    says = "That message is too old for its buttons. Connect your accounts from here."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(CONNECT))
