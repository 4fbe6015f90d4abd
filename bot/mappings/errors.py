"""Why a profile can't be mapped or created, or an admin not be asked for one."""

from bot.core.errors import ConnectbotError
from bot.mappings.model import PENDING_LIFE_TEXT

HELD = "One person has that profile. Unmap it first."


class KeyRefused(ConnectbotError):
    """What was typed is not the key of a profile that works."""

    kind = "key_refused"


class TooSlow(ConnectbotError):
    """Ayrshare took longer than a submitted modal can wait."""

    kind = "too_slow"
    says = "Ayrshare is slow. Your input is still here: submit it again."


class NothingPending(ConnectbotError):
    """The mapping was confirmed before, or has expired."""

    kind = "nothing_pending"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"You've confirmed this already, or it's older than {PENDING_LIFE_TEXT}. Start again with `{command} map`."
        )


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
    says = "I know a profile with that title. Choose it above, under the profiles I know."


class AskingAlready(ConnectbotError):
    """The admins are being asked for this person."""

    kind = "asking_already"
    says = "I'm asking your admins right now. Press again in a moment to see whom I reached."


class AdminNotReached(ConnectbotError):
    """No admin could be sent a direct message."""

    kind = "admin_not_reached"

    def __init__(self, *, keeps_trying: bool) -> None:
        super().__init__(f"I couldn't reach an admin. {'I keep trying.' if keeps_trying else 'Message one directly.'}")


class StillNeeded(ConnectbotError):
    """A profile can't be forgotten: people have it, or Ayrshare does."""

    kind = "profile_still_needed"

    def __init__(self, *, holders: int = 0) -> None:
        if holders:
            super().__init__(f"{holders} people have that profile. Unmap it first." if holders > 1 else HELD)
        else:
            super().__init__("Ayrshare still has that profile, so I keep its key. Delete it there first.")
