"""What can go wrong, each with the sentence a person is shown.

ConnectbotError
├── NotMapped             nobody has told us which profile this person looks after
├── NoSuchProfile         the words typed fit none of the person's profiles
├── NotAllowed            this person may not see that link
├── NotAPerson            something was typed that is not a mention of one person
├── AskedTooOften         a minute's share of links or of looks at the status is used up
├── CardGone              a button of a card that we no longer keep
├── StoreUnavailable      Redis is away
├── SlackUnavailable      Slack cannot be asked
├── AdminNotReached       no admin could be sent a direct message
├── AnswerRefused         a `response_url` is spent, expired or out of reach
├── CannotListen          the port is taken
├── UnreadableKeyFile     the generated encryption key is damaged
├── UnreadableSecret      no key of the key ring opens an envelope
└── AyrshareError         bot/ayrshare/errors.py has the rest of the tree
"""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from bot.model import UserId


class ConnectbotError(Exception):
    """A failure we know: `kind` names it in logs and metrics, `sentence` is for the person."""

    kind: ClassVar[str] = "unknown"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


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


class NotAPerson(ConnectbotError):
    """Something was typed that is not a mention of one person."""

    kind = "not_a_person"


class AskedTooOften(ConnectbotError):
    """A minute's share of links, or of looks at the status, is used up."""

    kind = "asked_too_often"

    def __init__(self, wait: timedelta, what: str) -> None:
        seconds = max(1, round(wait.total_seconds()))
        requests = {"links": "links", "status": "looks at the status"}[what]
        super().__init__(f"That was too many {requests} within a minute. Please try again in {seconds} s.")


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
    """Slack cannot be asked, so whatever depended on its answer is refused."""

    kind = "slack_unavailable"

    def __init__(self, word: str = "") -> None:
        super().__init__("Slack didn't tell me who you are, so I can't go on. Please try again in a minute.")
        self.word = word


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
