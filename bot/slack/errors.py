"""What Slack can refuse, as classes; `words.py` maps Slack's own words to them, so that no other module reads these.

SlackError                   Slack refused a call for a reason that has no class: nobody knows whether it may pass
├── SlackAway                no answer, or one that isn't Slack's: the call may have been carried out all the same
├── SlackRateLimited         too many calls; `retry_after` tells how long to wait
├── OperatorNeeded           nothing of the kind succeeds until an operator changes something
│   ├── TokenRejected        the bot's own token is invalid
│   │   └── ScopeMissing     the app was installed without a scope, or may not use a method
│   └── MessagesTabDisabled  the app's Messages tab is off, so nobody can be sent a direct message
└── FinalRefusal             the same call is always refused
    ├── PersonNotVisible     there is no such person, or the bot can't see them
    ├── MessageGone          the message was deleted or can't be edited any more
    ├── RecipientUnreachable the person can't be sent messages
    │   └── RecipientDeactivated  their Slack account is deactivated
    └── ModalGone            the modal to be updated is no longer open
ModalNotUpdated              a modal couldn't be updated, for any of the other reasons

NotAPerson, ModalNotOpened, ModalClosed, ResponseUrlRefused and Restarting are shown to people; DirectoryClosed is
shown to operators.
"""

from datetime import timedelta

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import UserId
from bot.slack.actions import ASK_COLLEAGUE

TELL_OPERATOR = "Tell whoever runs this bot."
MINUTE = timedelta(minutes=1)


class SlackError(ConnectbotError):
    """Slack refused a call. `reason` is Slack's own word; `retry_after` is how long it asks to wait, if it does."""

    kind = "slack_refused"
    transient = False
    """Whether the same call may succeed by itself."""

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(self.says or f"Slack refused that ({reason}). {TELL_OPERATOR}")
        self.reason = reason
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """Whether to repeat the call later: it may succeed by itself, once an operator mends something, or somehow."""
        return not isinstance(self, FinalRefusal)


class SlackAway(SlackError):
    """Slack didn't answer, or failed itself: it is unknown whether the call was carried out.

    `answered`: it said so in its own words, so the call is over.
    """

    kind = "slack_unavailable"
    passes = True
    says = "Slack isn't responding. Try again in a minute."
    transient = True

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None, answered: bool = False) -> None:
        super().__init__(reason, retry_after=retry_after)
        self.answered = answered


class SlackRateLimited(SlackError):
    """The method was called too often."""

    kind = "slack_rate_limited"
    passes = True
    transient = True

    def __init__(self, reason: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, retry_after=retry_after)
        minutes = -(-(retry_after or MINUTE) // MINUTE)
        self.sentence = (
            f"Slack is asking us to slow down. Try again in {'a minute' if minutes <= 1 else f'{minutes} minutes'}."
        )


class OperatorNeeded(SlackError):
    """An operator has to change something before Slack allows this."""


class TokenRejected(OperatorNeeded):
    """The bot's own token is refused."""

    kind = "slack_token_rejected"
    says = f"Slack no longer accepts my token. {TELL_OPERATOR}"


class ScopeMissing(TokenRejected):
    """The bot's token lacks a scope, or another permission."""

    kind = "slack_scope_missing"
    says = f"I lack a permission in Slack for that. {TELL_OPERATOR}"


class MessagesTabDisabled(OperatorNeeded):
    """The app's Messages tab is switched off, so Slack takes no direct message from it."""

    kind = "messages_tab_disabled"
    says = (
        "Slack doesn't let me send direct messages: my Messages tab is switched off. "
        f"{TELL_OPERATOR} They can switch it on in the app's settings, under App Home."
    )


class FinalRefusal(SlackError):
    """The same call is always refused."""


class PersonNotVisible(FinalRefusal):
    """There is no such person in the workspace, or the bot can't see them; `user` is who was asked about."""

    kind = "person_not_visible"

    def __init__(self, reason: str = "", *, user: UserId | None = None, retry_after: timedelta | None = None) -> None:
        super().__init__(reason, retry_after=retry_after)
        who = f"<@{user}>" if user else "that person"
        self.sentence = f"I can't see {who} in this workspace. Mention one of its members."
        self.next_step = NextStep(ASK_COLLEAGUE)


class MessageGone(FinalRefusal):
    """The message was deleted, or can't be edited any more."""


class RecipientUnreachable(FinalRefusal):
    """The person can't be sent messages; each feature says so in its own words."""


class RecipientDeactivated(RecipientUnreachable):
    """The person's account is deactivated."""


class ModalGone(FinalRefusal):
    """The modal is no longer open."""


class ModalNotUpdated(SlackError):
    """Slack did not update an open modal."""

    kind = "modal_not_updated"

    def __init__(self, cause: SlackError) -> None:
        super().__init__(cause.reason, retry_after=cause.retry_after)
        self.sentence = cause.sentence
        self.transient, self.passes = cause.transient, cause.passes
        self.cause = cause

    @property
    def retryable(self) -> bool:
        """Whether the update is worth repeating."""
        return self.cause.retryable


class ModalNotOpened(ConnectbotError):
    """Slack did not open a modal, most often because its trigger's three seconds were over."""

    kind = "modal_not_opened"
    passes = True
    says = "Slack didn't open the window in time. Try again."


class ModalClosed(ConnectbotError):
    """The modal was closed before it could be updated."""

    kind = "modal_closed"
    says = "That window is closed. Open it again."


class ResponseUrlRefused(ConnectbotError):
    """A `response_url` is spent or expired (`for_good`), or out of reach this time."""

    kind = "response_url_refused"

    def __init__(self, *, for_good: bool = True, too_many: bool = False) -> None:
        self.for_good = for_good
        self.too_many = too_many
        super().__init__("Slack no longer takes answers to that message. Start again from my Home tab.")


class Restarting(ConnectbotError):
    """The process ends before it has done what a person wants."""

    kind = "restarting"
    passes = True
    says = "I'm being restarted and couldn't finish this. Try again in a minute."


class NotAPerson(ConnectbotError):
    """The text of a command does not mention one person; in a form, people can be chosen instead."""

    kind = "not_a_person"

    def __init__(self, sentence: str = "", *, next_step: NextStep | None = None) -> None:
        super().__init__(sentence, next_step=next_step or NextStep(ASK_COLLEAGUE))


class SeveralPeople(NotAPerson):
    """More than one person is mentioned."""

    says = "Mention one person at a time."


class UnknownPerson(NotAPerson):
    """Something like a mention is none; `name` is what was typed, where that is clear."""

    def __init__(self, name: str = "") -> None:
        if name:
            super().__init__(f"I don't know who {name} is. Type @ and choose from Slack's list.")
        else:
            super().__init__("I don't know who that is. Type @ and choose a person from Slack's list.")


class PeopleAndGroup(NotAPerson):
    """Several groups are mentioned, or a group beside people."""

    says = "I can ask people or one group, not both at once."


class DirectoryClosed(ConnectbotError):
    """Slack did not list the people of the workspace, for the reason that `cause` has."""

    kind = "directory_closed"

    def __init__(self, cause: SlackError) -> None:
        if cause.reason == "missing_scope":
            said = "SLACK_BOT_TOKEN lacks the scope users:read. Add it to the Slack app and install the app again."
        elif isinstance(cause, TokenRejected):
            said = (
                f"Slack doesn't accept SLACK_BOT_TOKEN ({cause.reason}). Install the app again and copy its bot token."
            )
        else:
            said = f"Slack can't be asked just now ({cause.reason or 'no answer'}). Try again in a minute."
        super().__init__(said)
