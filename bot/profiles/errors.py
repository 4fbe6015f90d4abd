"""Why no profile was found for what a person asked for."""

from collections.abc import Sequence

from bot.ayrshare.errors import ProfileGone
from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import UserId
from bot.slack.actions import ASK_ADMIN, MAP_A_PROFILE, NEW_KEY, SEE_STATUS
from bot.slack.errors import NotAPerson
from bot.slack.text import escaped, several, shortened, titled

PROFILE_IS = "A profile is one brand's or person's set of social accounts."
"""Said where the word is met first."""
TITLES_NAMED = 5
WORDS_SHOWN = 60
"""Letters of what was typed."""
QUOTES = '"“”„«» '


class NotMapped(ConnectbotError):
    """No profile is mapped to this person; of somebody else only an admin is told that, who can map one."""

    kind = "not_mapped"
    owner: UserId | None = None

    def __init__(self, owner: UserId) -> None:
        self.owner = owner
        super().__init__(f"<@{owner}> doesn't have a profile yet.", next_step=NextStep(MAP_A_PROFILE, owner))

    def seen_by(self, viewer: UserId | None) -> str:
        """Return the sentence as a person reads it."""
        return f"You don't have a profile yet. {PROFILE_IS}" if self.owner and viewer == self.owner else self.sentence

    def step_for(self, viewer: UserId | None) -> NextStep | None:
        """Return the button for whoever reads it."""
        return NextStep(ASK_ADMIN) if self.owner and viewer == self.owner else self.next_step


class NoSuchProfile(ConnectbotError):
    """No profile of this person matches what was asked for."""

    kind = "no_such_profile"


class ProfileTaken(NoSuchProfile):
    """A profile is no longer mapped to this person."""

    def __init__(self, owner: UserId) -> None:
        self.owner = owner
        super().__init__(f"<@{owner}> no longer has that profile.")

    def seen_by(self, viewer: UserId | None) -> str:
        """Return the sentence as a person reads it."""
        return "You no longer have that profile." if viewer == self.owner else self.sentence


class AccountDismissed(ConnectbotError):
    """An admin has dismissed the account that an older message asks about."""

    kind = "account_dismissed"

    def __init__(self, by: UserId) -> None:
        super().__init__(f"<@{by}> dismissed this warning for everyone.")


class ProfileUnknown(NoSuchProfile):
    """A profile isn't stored any more."""

    says = "I no longer know that profile. Choose another one."


class ProfileRefused(ConnectbotError):
    """Ayrshare refused a profile for which its owner, or an admin if it isn't their `own`, wanted a link."""

    kind = "profile_gone"

    def __init__(self, owner: UserId, *, own: bool) -> None:
        if own:
            super().__init__(ProfileGone.says, next_step=NextStep(ASK_ADMIN))
        else:
            said = "Ayrshare refuses this profile. It was deleted or suspended, or has a new key."
            super().__init__(said, next_step=NextStep(NEW_KEY, owner))


class OwnStatusOnly(NotAPerson):
    """Somebody else was mentioned behind `status`."""

    says = "`status` shows your own profiles only. Leave the mention out."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(SEE_STATUS, "status"))


class NoProfileMatches(NoSuchProfile):
    """No profile of `owner` has the words in its title; `titles` are of those that they have."""

    def __init__(self, words: str, titles: Sequence[str], *, owner: UserId) -> None:
        self.words, self.titles, self.owner = words, titles, owner
        super().__init__(self.seen_by(None))

    def seen_by(self, viewer: UserId | None) -> str:
        """Return the sentence as a person reads it."""
        named = several([*map(titled, self.titles)], limit=TITLES_NAMED)
        have = "You have" if viewer == self.owner else f"<@{self.owner}> has"
        typed = escaped(shortened(self.words.strip(QUOTES), limit=WORDS_SHOWN))
        return f'No profile matches "{typed}". {have} {named}.'


class NothingToReconnect(ConnectbotError):
    """No account of a person's profiles needs a new sign-in, as far as is known."""

    kind = "nothing_to_reconnect"

    def __init__(self) -> None:
        super().__init__("Nothing needs reconnecting, as far as I know.", next_step=NextStep(SEE_STATUS, "status"))


class AccountSettled(ConnectbotError):
    """What a button was about has been kept or undone already, or another account is connected by now."""

    kind = "account_settled"
    says = "That is settled already, or another account is connected by now. See your status."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(SEE_STATUS, "status"))


class AyrshareSlow(ConnectbotError):
    """Ayrshare didn't tell in time how accounts are; what was stored is shown."""

    kind = "ayrshare_slow"
    says = "Ayrshare is taking its time."
