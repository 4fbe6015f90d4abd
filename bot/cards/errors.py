"""Why a card or a mailed link can't be had."""

from collections.abc import Sequence
from datetime import datetime

from bot.ayrshare.errors import EmailFailed, MailNeedsMaxPack
from bot.ayrshare.networks import network_name
from bot.cards.model import CardId
from bot.cards.scope import Scope
from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import UserId
from bot.people.errors import ask_person
from bot.profiles.errors import NoSuchProfile
from bot.profiles.model import HeldProfile
from bot.slack.actions import ALL_NETWORKS, CANCEL_AGAIN, CONNECT, CONNECT_OTHERS_HERE
from bot.slack.text import date_and_time, several, titled


class LinkUnderWay(ConnectbotError):
    """Another press of the same button is still being carried out."""

    kind = "link_under_way"
    says = "I'm already making this link. It appears in a moment."


class BrokenNotOffered(ConnectbotError):
    """No link may offer what is broken, as its scope says; a button makes one for the other networks."""

    kind = "broken_not_offered"

    def __init__(self, owner: UserId, profile: HeldProfile, scope: Scope) -> None:
        names, are = several([*map(network_name, profile.broken)]), "is" if len(profile.broken) == 1 else "are"
        step = NextStep(CONNECT_OTHERS_HERE, f"{owner}:{profile.ref_id}:{ALL_NETWORKS}")
        super().__init__(f"{names} {are} disconnected for {titled(profile.title)}. {scope.left_out}", next_step=step)


class ProfileUnclear(ConnectbotError):
    """The words typed fit several profiles of the owner, and a link to one is to be mailed."""

    kind = "profile_unclear"
    says = "Several profiles fit. Which one?"

    def __init__(self, owner: UserId, titles: Sequence[str]) -> None:
        self.owner, self.titles = owner, titles
        super().__init__()


class MailedInVain(NoSuchProfile):
    """The profile was unmapped while its link was mailed, which works `until` a moment unless it was revoked."""

    def __init__(self, owner: UserId, until: datetime | None = None) -> None:
        left = f"Its link works until {date_and_time(until)}." if until else "I've revoked its link."
        super().__init__(f"<@{owner}> no longer has that profile, but the email was already sent. {left}")


class NotMailed(ConnectbotError):
    """A link can't be mailed to its owner, who can get one here instead; `why` takes whose Slack profile it is.

    `name` is the owner's; `own`: they are who asked for the mail.
    """

    def __init__(self, why: str, owner: UserId, name: str = "", *, own: bool = False) -> None:
        step = NextStep(CONNECT) if own else ask_person(owner, name)
        whose = "your" if own else f"<@{owner}>'s"
        here = "Get a link here instead." if own else f"Ask <@{owner}> here instead."
        super().__init__(f"{why.format(whose=whose)} {here}", next_step=step)


class MailNotSetUp(NotMailed):
    """The settings for mails with a link are missing."""

    kind = "mail_not_set_up"

    def __init__(self, owner: UserId, name: str = "", *, own: bool = False) -> None:
        why = "Emails with a link aren't set up. Whoever runs this bot can do that."
        super().__init__(why, owner, name, own=own)


class AddressesHidden(NotMailed):
    """The bot lacks the optional scope to see e-mail addresses."""

    kind = "addresses_hidden"

    def __init__(self, owner: UserId, name: str = "", *, own: bool = False) -> None:
        why = (
            "Slack doesn't let me see email addresses: this bot lacks the scope users:read.email. "
            "Whoever runs it can add that."
        )
        super().__init__(why, owner, name, own=own)


class NoAddress(NotMailed):
    """A person's profile in Slack has no e-mail address."""

    kind = "no_address"

    def __init__(self, owner: UserId, name: str = "", *, own: bool = False) -> None:
        super().__init__("There's no email address in {whose} Slack profile.", owner, name, own=own)


class OddAddress(NotMailed):
    """A person's profile in Slack has an e-mail address that is none, or several."""

    kind = "odd_address"

    def __init__(self, owner: UserId, name: str = "", *, own: bool = False) -> None:
        super().__init__("The address in {whose} Slack profile isn't one for email.", owner, name, own=own)


class MailNotInPlan(NotMailed):
    """Ayrshare mails no links for an account without its Max Pack."""

    kind = "mail_max_pack"

    def __init__(self, owner: UserId, name: str = "", *, own: bool = False) -> None:
        super().__init__(MailNeedsMaxPack.says, owner, name, own=own)


class MailRefused(NotMailed):
    """Ayrshare could not send the mail."""

    kind = "email_failed"

    def __init__(self, owner: UserId, name: str = "", *, own: bool = False) -> None:
        super().__init__(EmailFailed.says, owner, name, own=own)


class MailUnsure(ConnectbotError):
    """A mail with a link may have been sent, so it must not be sent again unasked."""

    kind = "mail_unsure"

    def __init__(self, owner: UserId, sender: str) -> None:
        super().__init__(
            "I don't know whether Ayrshare sent the email. It may have been sent. "
            f"Check <@{owner}>'s inbox before you try again. It would come from {sender}."
        )


class NotCancelled(ConnectbotError):
    """Ayrshare could not be asked to revoke a link."""

    kind = "not_cancelled"
    says = "Ayrshare didn't cancel the link, so it still works. Try again in a minute."

    def __init__(self, card: CardId) -> None:
        super().__init__(next_step=NextStep(CANCEL_AGAIN, card))


class CardGone(ConnectbotError):
    """A button was clicked on a card that is no longer kept."""

    kind = "card_gone"
    says = "That card is too old for its buttons. Connect your accounts from here."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(CONNECT))


class NoLinkWorks(ConnectbotError):
    """There is no link to cancel."""

    kind = "no_link_works"
    says = "You have no working link, so there's nothing to cancel."
