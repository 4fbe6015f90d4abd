"""Why a profile can't be mapped or created, or an admin not be asked for one."""

from bot.core.errors import ConnectbotError, NextStep
from bot.core.model import UserId
from bot.mappings.model import PENDING_LIFE_TEXT
from bot.people.errors import NotServed, ask_person
from bot.profiles.errors import NoSuchProfile
from bot.slack.actions import ASK_ADMIN, MAP_A_PROFILE, SEE_ALL
from bot.slack.errors import NotAPerson

SEE_LIST = NextStep(SEE_ALL, "list")
"""The rows of the list have all that can be done to a profile."""
HELD = "One person has that profile. Unmap it first."


class KeyRefused(ConnectbotError):
    """What was typed is not the key of a profile that works."""

    kind = "key_refused"


class NotAKey(KeyRefused):
    """It doesn't look like one."""

    says = "That's not a profile key. It looks like AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA. Copy it from Ayrshare again."


class AccountsKey(KeyRefused):
    """It is the account's API key."""

    says = "That's your account's API key. I need the key of one profile."


class PrimarysKey(KeyRefused):
    """It is the key of the account's Primary Profile."""

    says = "That's the key of your Primary Profile, which only you use. Use another profile's key."


class UnknownKey(KeyRefused):
    """Ayrshare refuses it."""

    says = "Ayrshare doesn't know this key, or suspended its profile. Copy it from Ayrshare again."


class DeadKey(KeyRefused):
    """Ayrshare refuses the key that we have for a known profile."""

    says = "Ayrshare no longer accepts my key for this profile. If it has a new one, enter that above."


class TitleIsKey(KeyRefused):
    """A title, which everybody can read, is a key."""

    says = 'That looks like a profile key. Choose "One that Ayrshare has already" above, so that it stays secret.'


class TitleInvisible(KeyRefused):
    """A title has nothing that can be seen."""

    says = "Enter a title that people can see."


class NothingHeld(NoSuchProfile):
    """A person has no profile that could be taken from them; `to_do` is what was wanted."""

    def __init__(self, owner: UserId, to_do: str) -> None:
        super().__init__(f"<@{owner}> has no profile, so there's nothing to {to_do}.")


class ForgottenAlready(NoSuchProfile):
    """A profile was forgotten before."""

    says = "I've forgotten that profile already."


class HasThemAlready(NotServed):
    """Whoever is to take over has the profiles already."""

    says = "They have these profiles already. Choose another person."


class OnlyAPerson(NotAPerson):
    """Words follow `map`."""

    says = "Only a person can follow `map`. You can choose them in the form, too."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(MAP_A_PROFILE))


class WhoseProfile(NotAPerson):
    """Nobody is mentioned behind `unmap`."""

    def __init__(self, command: str) -> None:
        super().__init__(f"Whose profile? Mention them: `{command} unmap @someone`.", next_step=SEE_LIST)


class WhoTakesOver(NotAPerson):
    """Nobody, or too many, are mentioned behind `handover`."""

    def __init__(self, command: str) -> None:
        usage = f"Mention who had the profiles, then who takes over: `{command} handover @old @new`."
        super().__init__(usage, next_step=SEE_LIST)


class SamePersonTwice(NotAPerson):
    """One person is mentioned twice behind `handover`."""

    says = "That is the same person twice. Mention who had the profiles, then who takes over."

    def __init__(self) -> None:
        super().__init__(next_step=SEE_LIST)


class TooSlow(ConnectbotError):
    """Ayrshare took longer than a submitted modal can wait."""

    kind = "too_slow"
    says = "Ayrshare is slow. Your input is still here: submit it again."


class NothingPending(ConnectbotError):
    """The mapping was confirmed before, or has expired."""

    kind = "nothing_pending"
    says = f"You've confirmed this already, or it's older than {PENDING_LIFE_TEXT}. You can start again."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(MAP_A_PROFILE))


class CreationUnclear(ConnectbotError):
    """Ayrshare may have created a profile, but its answer was lost and its list doesn't show one."""

    kind = "creation_unclear"
    says = (
        "Ayrshare's answer got lost, so I don't know if it created the profile. "
        "Submit the same title again in five minutes."
    )


class KeyNotSaved(ConnectbotError):
    """Ayrshare created a profile, but Redis was away when its key was to be saved."""

    kind = "key_not_saved"
    says = (
        "Ayrshare created the profile, but I couldn't save its key. "
        "Submit the same title again in a few minutes, and I'll suggest another."
    )


class TitleKnown(ConnectbotError):
    """A profile with that title is known already."""

    kind = "title_known"
    says = "connectbot has a profile with that title already. Choose it above."


class AskingAlready(ConnectbotError):
    """The admins are being asked for this person."""

    kind = "asking_already"
    says = "I'm asking your admins right now. Press again in a moment to see whom I reached."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(ASK_ADMIN))


class HasProfileNow(ConnectbotError):
    """Somebody for whom a colleague wants to ask the admins has a profile by now."""

    kind = "has_profile_now"

    def __init__(self, person: UserId) -> None:
        super().__init__(f"<@{person}> has a profile now.", next_step=ask_person(person))


class AdminNotReached(ConnectbotError):
    """No admin could be sent a direct message."""

    kind = "admin_not_reached"

    def __init__(self, *, keeps_trying: bool) -> None:
        later = "I keep trying, and DM you when I reach one."
        super().__init__(f"I couldn't reach an admin. {later if keeps_trying else 'Message one directly.'}")


class StillNeeded(ConnectbotError):
    """A profile can't be forgotten: people have it, or Ayrshare does."""

    kind = "profile_still_needed"

    def __init__(self, *, holders: int = 0) -> None:
        if holders:
            super().__init__(f"{holders} people have that profile. Unmap it first." if holders > 1 else HELD)
        else:
            super().__init__("Ayrshare still has that profile, so I keep its key. Delete it there first.")
