"""What can go wrong, each with the sentence a person is shown.

ConnectbotError
├── NotMapped             nobody has told us which profile this person looks after
├── NoSuchProfile         the words typed fit none of the person's profiles
├── NotAllowed            this person may not see that link
│   └── NotTheirs         it is somebody else's, who can be asked instead
├── NotAPerson            something was typed that is not a mention of one person
├── NotServed             somebody who was chosen can't look after a profile
├── NotInvited            an invitation that can't be sent
│   ├── InvitedOneself    one's own link needs none
│   ├── NoteRefused       the note is too long, or there is a link in it
│   ├── NothingToLink     the recipient looks after no profile
│   ├── OptedOut          the recipient wants none
│   ├── InvitedAlready    the recipient has one to answer, or had one today
│   └── InvitedTooMany    an hour's share, or the workspace's of a day, is used up
├── GroupNotRead          Slack doesn't tell who is in a user group
├── InvitationGone        a button of an invitation that isn't this person's, or that we no longer keep
├── KeyRefused            what was typed is not the key of a profile that works
├── TooSlow               Ayrshare took longer than a submitted modal can wait
├── NothingPending        what was to be confirmed is confirmed already, or too old
├── CreationUnclear       nobody knows yet whether Ayrshare created a profile
├── TitleKnown            a profile with that title is known already
├── ProfileUnclear        the words typed fit several profiles, and nobody can be asked which
├── MailNotSetUp          the settings for mails with a link are missing
├── AddressesHidden       the bot lacks the scope to see e-mail addresses
├── NoAddress             somebody's profile in Slack has no e-mail address
├── MailUnsure            nobody knows whether a mail was sent
├── AskedTooOften         a minute's share of links or of looks at the status is used up
├── NotCancelled          Ayrshare didn't take a link back
├── CardGone              a button of a card that we no longer keep
├── StoreUnavailable      Redis is away
├── SlackUnavailable      Slack cannot be asked
├── WindowNotOpened       Slack did not open a modal in time
├── WindowNotDrawn        Slack did not redraw a modal (a SlackUnavailable)
├── WindowClosed          a modal that was to be redrawn is no longer there
├── AdminNotReached       no admin could be sent a direct message
├── AnswerRefused         a `response_url` is spent, expired or out of reach
├── CannotListen          the port is taken
├── KeyFileNotWritten     a new encryption key could not be kept (bot/encryption_keys.py)
├── UnreadableKeyFile     the generated encryption key is damaged
├── NotConnected          there is no WebSocket to Slack (bot/slack/not_connected.py)
├── DirectoryClosed       Slack doesn't list its people (bot/slack/directory.py)
├── UnreadableSecret      no key of the key ring opens an envelope
└── AyrshareError         bot/ayrshare/errors.py has the rest of the tree
"""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from bot.core.model import UserId


class ConnectbotError(Exception):
    """A failure we know: `kind` names it in logs and metrics, `sentence` is for the person, if not `told` yet."""

    kind: ClassVar[str] = "unknown"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.told = False


class NotMapped(ConnectbotError):
    """Nobody has told us which profile this person looks after."""

    kind = "not_mapped"

    def __init__(self, owner: UserId, command: str) -> None:
        super().__init__(
            f"No Ayrshare profile is mapped to <@{owner}> yet. An admin has to set that up; then `{command}` will work."
        )
        self.owner = owner


class NoSuchProfile(ConnectbotError):
    """The words typed fit none of the person's profiles."""

    kind = "no_such_profile"


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


class ProfileUnclear(ConnectbotError):
    """The words typed fit several profiles, and nobody can be asked which one is meant."""

    kind = "profile_unclear"


class MailNotSetUp(ConnectbotError):
    """The settings for mails with a link are missing."""

    kind = "mail_not_set_up"

    def __init__(self) -> None:
        super().__init__(
            "Mails with a link aren't set up. Please tell an administrator of this bot: they have to set "
            "AYRSHARE_EMAIL_COMPANY, AYRSHARE_EMAIL_CONTACT, AYRSHARE_EMAIL_TERMS_URL and AYRSHARE_EMAIL_PRIVACY_URL."
        )


class AddressesHidden(ConnectbotError):
    """The bot lacks the optional scope without which Slack shows it nobody's e-mail address."""

    kind = "addresses_hidden"

    def __init__(self) -> None:
        super().__init__(
            "Slack doesn't let me see e-mail addresses: this bot lacks the scope users:read.email. "
            "Whoever installed it can add that."
        )


class NoAddress(ConnectbotError):
    """Somebody's profile in Slack has no e-mail address."""

    kind = "no_address"

    def __init__(self, owner: UserId) -> None:
        super().__init__(f"There is no e-mail address in the Slack profile of <@{owner}>.")


class MailUnsure(ConnectbotError):
    """Nobody knows whether a mail with a link was sent, so nothing may send it again by itself."""

    kind = "mail_unsure"

    def __init__(self, owner: UserId, sender: str) -> None:
        super().__init__(
            "I don't know whether Ayrshare has sent the mail. It may have been sent: find out whether it is in "
            f"<@{owner}>'s mailbox before you try again. It would come from {sender}."
        )


class AskedTooOften(ConnectbotError):
    """A minute's share of links, or of looks at the status, is used up."""

    kind = "asked_too_often"

    def __init__(self, wait: timedelta, what: str) -> None:
        seconds = max(1, round(wait.total_seconds()))
        requests = {"links": "links", "status": "looks at the status", "invitations": "invitations"}[what]
        super().__init__(f"That was too many {requests} within a minute. Please try again in {seconds} s.")


class NotCancelled(ConnectbotError):
    """Ayrshare could not be asked to take a link back."""

    kind = "not_cancelled"

    def __init__(self) -> None:
        super().__init__("Ayrshare didn't cancel the link, so it still works. Please press Cancel link again.")


class CardGone(ConnectbotError):
    """A button was pressed on a card that we no longer keep."""

    kind = "card_gone"

    def __init__(self, command: str) -> None:
        super().__init__(f"That card is too old for its buttons to work. Type `{command}` for a fresh link.")


class StoreUnavailable(ConnectbotError):
    """Redis is away."""

    kind = "store_unavailable"

    def __init__(self) -> None:
        super().__init__("My memory (Redis) can't be used just now. Nothing is lost: please try again in a minute.")


class SlackUnavailable(ConnectbotError):
    """Slack cannot be asked, so whatever depended on its answer is refused; `word` is its reason, if it gave one."""

    kind = "slack_unavailable"

    def __init__(self, word: str = "", *, retry_after: timedelta | None = None) -> None:
        super().__init__("Slack didn't tell me who you are, so I can't go on. Please try again in a minute.")
        self.word = word
        self.retry_after = retry_after

    @property
    def passes(self) -> bool:
        """Whether the same call may succeed later."""
        return self.word in PASSING


PASSING = frozenset({"", "ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})
"""What a later call may get past; no word at all means that Slack was out of reach."""
OWN_FAULT = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_expired", "token_revoked", "missing_scope"}
)
"""What Slack says where the bot itself is at fault, until somebody mends that.

https://docs.slack.dev/reference/methods/chat.postMessage
"""
GONE = frozenset({"message_not_found", "cant_update_message", "channel_not_found"})
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


class AdminNotReached(ConnectbotError):
    """No admin could be sent a direct message."""

    kind = "admin_not_reached"

    def __init__(self) -> None:
        super().__init__(
            "I couldn't reach an admin just now. Please try again in a few minutes, or write to one yourself."
        )


class AnswerRefused(ConnectbotError):
    """A `response_url` is spent or expired (`for_good`), or out of reach this time."""

    kind = "answer_refused"

    def __init__(self, *, for_good: bool = True, too_many: bool = False) -> None:
        self.for_good = for_good
        self.too_many = too_many
        super().__init__("Slack no longer accepts answers to that message. Please type the command again.")


class CannotListen(ConnectbotError):
    """The port is taken, or the address is not this machine's."""

    kind = "cannot_listen"

    def __init__(self, host: str, port: int, *, reason: str) -> None:
        super().__init__(f"Cannot listen on {host}, port {port}: {reason}. Set HOST or PORT to something else.")


class UnreadableKeyFile(ConnectbotError):
    """The generated encryption key in DATA_DIR is damaged."""

    kind = "unreadable_key_file"

    def __init__(self, path: Path, reason: Exception) -> None:
        super().__init__(f"The encryption key in {path} can't be read: {reason}. Put it back from a copy of DATA_DIR.")


class UnreadableSecret(ConnectbotError):
    """No key of the key ring opens an envelope, or it was moved from where it belongs."""

    kind = "unreadable_secret"

    def __init__(self) -> None:
        super().__init__(
            "The stored profile key can't be read with the bot's encryption keys. "
            "An operator has to check ENCRYPTION_KEYS."
        )
