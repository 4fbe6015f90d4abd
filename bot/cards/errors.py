"""Why a card or a mailed link can't be had."""

from bot.core.errors import ConnectbotError
from bot.core.model import UserId


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
