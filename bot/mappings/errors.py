"""Why a profile can't be mapped or created, or an admin not be asked for one."""

from bot.core.errors import ConnectbotError
from bot.mappings.model import PENDING_LIFE_TEXT


class KeyRefused(ConnectbotError):
    """What was typed is not the key of a profile that works."""

    kind = "key_refused"


class TooSlow(ConnectbotError):
    """Ayrshare took longer than a submitted modal can wait."""

    kind = "too_slow"
    says = "Ayrshare took too long to answer. What you entered is still here: please submit it again."


class NothingPending(ConnectbotError):
    """The mapping was confirmed before, or has expired."""

    kind = "nothing_pending"

    def __init__(self, command: str) -> None:
        super().__init__(
            f"This was confirmed already, or has waited for more than {PENDING_LIFE_TEXT}. "
            f"Type `{command} map` to start again."
        )


class CreationUnclear(ConnectbotError):
    """Ayrshare may have created a profile, but its answer was lost and its list doesn't show one."""

    kind = "creation_unclear"
    says = (
        "Ayrshare's answer was lost, so I don't know whether it created the profile. "
        "Submit the same title again in five minutes, and I'll tell you."
    )


class KeyNotSaved(ConnectbotError):
    """Ayrshare created a profile, but Redis was away when its key was to be saved."""

    kind = "key_not_saved"
    says = (
        "Ayrshare created the profile, but I couldn't reach my database to save its key. "
        "Submit the same title again in a few minutes, and I'll suggest another title."
    )


class TitleKnown(ConnectbotError):
    """A profile with that title is known already."""

    kind = "title_known"
    says = "I know a profile with that title already. Choose it above under the profiles I know."


class AskingAlready(ConnectbotError):
    """The admins are being asked for this person."""

    kind = "asking_already"
    says = "I'm asking them just now. Press again in a moment to see whom I reached."


class AdminNotReached(ConnectbotError):
    """No admin could be sent a direct message."""

    kind = "admin_not_reached"

    def __init__(self, *, keeps_trying: bool) -> None:
        trying, refused = "I keep trying: press again later to see whom I reached.", "Please write to one yourself."
        super().__init__(f"I couldn't reach an admin just now. {trying if keeps_trying else refused}")


class StillNeeded(ConnectbotError):
    """A profile can't be forgotten: people have it, or Ayrshare does."""

    kind = "profile_still_needed"

    def __init__(self, *, holders: int = 0) -> None:
        if holders:
            super().__init__("Somebody looks after that profile. Unmap it first.")
        else:
            super().__init__(
                "Ayrshare still has that profile, and tells its key only once, so I keep it. Delete it there first."
            )
