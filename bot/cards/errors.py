"""Why a card or a mailed link can't be had."""

from bot.core.errors import ConnectbotError
from bot.core.model import UserId


class LinkUnderWay(ConnectbotError):
    """Another press of the same button is still being carried out."""

    kind = "link_under_way"
    says = "I'm already making this link. It appears in a moment."


class ProfileUnclear(ConnectbotError):
    """The words typed fit several profiles, and there is no picker to ask which one is meant."""

    kind = "profile_unclear"


class NotMailed(ConnectbotError):
    """A link can't be mailed to its owner, who can get one here instead."""

    def __init__(self, why: str, owner: UserId, command: str) -> None:
        super().__init__(f"{why} <@{owner}> gets a link here by typing `{command}`.")


class MailNotSetUp(NotMailed):
    """The settings for mails with a link are missing."""

    kind = "mail_not_set_up"

    def __init__(self, owner: UserId, command: str) -> None:
        why = "Mails with a link aren't set up. Whoever runs this bot can do that."
        super().__init__(why, owner, command)


class AddressesHidden(NotMailed):
    """The bot lacks the optional scope to see e-mail addresses."""

    kind = "addresses_hidden"

    def __init__(self, owner: UserId, command: str) -> None:
        why = (
            "Slack doesn't let me see e-mail addresses: this bot lacks the scope users:read.email. "
            "Whoever runs it can add that."
        )
        super().__init__(why, owner, command)


class NoAddress(NotMailed):
    """A person's profile in Slack has no e-mail address."""

    kind = "no_address"

    def __init__(self, owner: UserId, command: str) -> None:
        super().__init__(f"There is no e-mail address in the Slack profile of <@{owner}>.", owner, command)


class OddAddress(NotMailed):
    """A person's profile in Slack has an e-mail address that is none, or several."""

    kind = "odd_address"

    def __init__(self, owner: UserId, command: str) -> None:
        super().__init__(f"What <@{owner}> has in Slack is no e-mail address.", owner, command)


class MailNotInPlan(NotMailed):
    """Ayrshare mails no links for an account without its Max Pack."""

    kind = "mail_max_pack"


class MailRefused(NotMailed):
    """Ayrshare could not send the mail."""

    kind = "email_failed"


class MailUnsure(ConnectbotError):
    """A mail with a link may have been sent, so it must not be sent again unasked."""

    kind = "mail_unsure"

    def __init__(self, owner: UserId, sender: str) -> None:
        super().__init__(
            "I don't know whether Ayrshare sent the mail. It may have been sent. "
            f"Look in <@{owner}>'s mailbox before you try again. It would come from {sender}."
        )


class NotCancelled(ConnectbotError):
    """Ayrshare could not be asked to revoke a link."""

    kind = "not_cancelled"
    says = "Ayrshare didn't cancel the link, so it still works. Choose *Cancel link* again."


class CardGone(ConnectbotError):
    """A button was clicked on a card that is no longer kept."""

    kind = "card_gone"

    def __init__(self, command: str) -> None:
        super().__init__(f"That card is too old for its buttons to work. Type `{command}` for a fresh link.")


class NoLinkWorks(ConnectbotError):
    """There is no link to cancel."""

    kind = "no_link_works"
    says = "No link of yours works any more, so there's nothing to cancel."
