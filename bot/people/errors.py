"""Why a person may not do something.

NotAllowed                the caller may not do it; `reason` goes to the audit log
├── CallerNotServed       the bot does not serve this caller
├── FromSharedChannel     the click came from a channel shared with another workspace
├── AdminsOnly            only admins may do it
├── MailForAdminsOnly     only admins may have a link mailed to another person
├── NotTheirs             the link is another person's, who can be asked to open it
└── OwnerNotServed        the bot does not serve the person the link is for
NotServed                 a person who was chosen can't have a profile
└── ChosenNotServed       the bot does not serve them
AskedTooOften             a limit of `limits.py` is reached
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import Membership, UserId
from bot.slack.actions import ASK_ADMIN, ASK_COLLEAGUE, SEND_TO, WHO_TAKES_OVER
from bot.slack.text import several, shortened

LONGEST_LABEL = 30
"""Characters of a button that names a person."""
ADMINS_NAMED = 3
CALLER_REFUSALS = {
    Membership.GUEST: "Guests can't use this bot here. Whoever runs it can allow guests.",
    Membership.INVITED: "Your invitation to this workspace isn't accepted yet. Join first, then try again.",
    Membership.DEACTIVATED: "Your account in this workspace is deactivated. A workspace admin can bring it back.",
    Membership.BOT: "Bots get no links. Only people can sign in to the networks.",
    Membership.OTHER_ORGANIZATION: "You belong to another workspace. I serve only this workspace's own people.",
    Membership.STRANGER: "I don't know you in this workspace. Ask one of its members.",
}
OWNER_REFUSALS = {
    Membership.GUEST: "{who} is a guest, and guests get no links here. Whoever runs this bot can allow guests.",
    Membership.INVITED: "{who} hasn't joined this workspace yet. Try again when they have.",
    Membership.DEACTIVATED: "{who} has left.",
    Membership.BOT: "{who} is a bot. Only people can sign in to the networks. Mention a person.",
    Membership.OTHER_ORGANIZATION: "{who} belongs to another workspace. I serve only this workspace's own people.",
    Membership.STRANGER: "{who} isn't in this workspace. Mention one of its members.",
}

CHOOSE_ANOTHER = dict.fromkeys((Membership.BOT, Membership.STRANGER), NextStep(ASK_COLLEAGUE))
"""The button where somebody else has to be chosen."""


def ask_person(person: UserId, name: str = "") -> NextStep:
    """Return the button that asks a person to connect their accounts; `name` is theirs, if it is known."""
    first, *_ = name.split() or ["them"]
    return NextStep(replace(SEND_TO, label=shortened(f"Ask {first}", limit=LONGEST_LABEL)), person)


class NotAllowed(ConnectbotError):
    """The caller may not do what they asked for; `reason` is the word for it in the audit log."""

    kind = "not_allowed"

    def __init__(self, sentence: str, *, reason: str, next_step: NextStep | None = None) -> None:
        super().__init__(sentence, next_step=next_step)
        self.reason = reason


class CallerNotServed(NotAllowed):
    """The bot does not serve people with the caller's membership."""

    shuts_out = True

    def __init__(self, membership: Membership) -> None:
        super().__init__(CALLER_REFUSALS[membership], reason=membership)


class FromSharedChannel(NotAllowed):
    """The caller belongs to another workspace and clicked in a channel that is shared with it."""

    shuts_out = True

    def __init__(self) -> None:
        super().__init__(
            "You reached me through a channel that this workspace shares with yours. "
            "I serve only this workspace's own people.",
            reason="shared_channel",
        )


class AdminsOnly(NotAllowed):
    """Only admins may do this; `admins` are those who can be asked, as far as they are known."""

    def __init__(self, admins: Sequence[UserId] = ()) -> None:
        super().__init__("Only admins can do that.", reason="not_admin", next_step=NextStep(ASK_ADMIN))
        self.admins = admins

    def seen_by(self, viewer: UserId | None) -> str:
        """Return the sentence with the people to ask, whom a modal can't name."""
        named = several([f"<@{admin}>" for admin in self.admins if admin != viewer], limit=ADMINS_NAMED)
        return f"{self.sentence} Ask {named}." if named else self.sentence


class MailForAdminsOnly(NotAllowed):
    """Only admins may have a link mailed to another person, who can be asked here; `name` is theirs."""

    def __init__(self, owner: UserId, name: str = "") -> None:
        super().__init__(
            f"Only admins can have a link mailed to someone else. Ask <@{owner}> here instead.",
            reason="not_admin",
            next_step=ask_person(owner, name),
        )


class NotTheirs(NotAllowed):
    """The link is another person's, who can be asked to open it; `name` is theirs, if it is known."""

    def __init__(self, owner: UserId, name: str = "") -> None:
        super().__init__(
            f"Only <@{owner}> can connect these accounts.", reason="not_admin", next_step=ask_person(owner, name)
        )


class OwnerNotServed(NotAllowed):
    """The bot does not serve the person for whom an admin wants a link."""

    def __init__(self, owner: UserId, membership: Membership) -> None:
        left = membership is Membership.DEACTIVATED
        super().__init__(
            OWNER_REFUSALS[membership].format(who=f"<@{owner}>") + (" Who takes over?" if left else ""),
            reason=f"owner_{membership}",
            next_step=NextStep(WHO_TAKES_OVER, owner) if left else CHOOSE_ANOTHER.get(membership),
        )


class NotServed(ConnectbotError):
    """A person who was chosen can't have a profile; the sentence is plain text, for a modal."""

    kind = "not_served"


class ChosenNotServed(NotServed):
    """The bot does not serve them; `next_step` is for whoever can do something about that."""

    def __init__(self, membership: Membership, next_step: NextStep | None = None) -> None:
        said = OWNER_REFUSALS[membership].format(who="This person")
        super().__init__(said, next_step=next_step or CHOOSE_ANOTHER.get(membership))


WORDS = {
    "links": "links",
    "status": "status checks",
    "invitations": "invitations",
    "client_links": "client links",
    "lists": "lists",
    "people": "questions about people",
    "views": "windows and pages",
    "messages": "messages",
}


class AskedTooOften(ConnectbotError):
    """A limit within a minute is reached."""

    kind = "asked_too_often"
    passes = True

    def __init__(self, wait: timedelta, action: str) -> None:
        seconds = max(1, round(wait.total_seconds()))
        requests = WORDS[action]
        super().__init__(f"That was too many {requests} within a minute. Try again in {seconds} s.")
