"""Why there is no client link, or none that works; the sentences for clients are on the page (page_views.py)."""

from bot.client_links.model import ClientLink, Ending
from bot.core.errors import ConnectbotError, NextStep
from bot.slack.actions import MAKE_CLIENT_LINK, MAP_A_PROFILE


class NoPublicUrl(ConnectbotError):
    """The bot doesn't know under which address browsers reach it."""

    kind = "no_public_url"
    says = "I don't know my own web address. Whoever runs this bot can set PUBLIC_URL; then client links work."


class ClientLinksOff(ConnectbotError):
    """The settings let nobody make client links."""

    kind = "client_links_off"
    says = "Client links are turned off here. Whoever runs this bot can set CONNECT_CLIENT_LINKS."


class NobodyHasProfile(ConnectbotError):
    """A profile is mapped to nobody whom the bot serves, so nobody is responsible for what a client connects."""

    kind = "nobody_has_profile"
    says = "Nobody has this profile yet. Map it to someone first, then invite the client."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(MAP_A_PROFILE))


class NoProfiles(ConnectbotError):
    """There is no profile that a client link could be for."""

    kind = "no_profiles"
    says = "There are no profiles yet. Map one first, then invite the client."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(MAP_A_PROFILE))


class OutOfRange(ConnectbotError):
    """A client link may not have so many days or uses; `field` says which of the two."""

    kind = "client_link_out_of_range"

    def __init__(self, field: str, least: int, most: int) -> None:
        super().__init__(f"Enter a number from {least} to {most}.")
        self.field = field


class ClientLinkGone(ConnectbotError):
    """A client link is unknown, or was revoked."""

    kind = "client_link_gone"
    says = "This client link no longer exists. Make a new one."

    def __init__(self) -> None:
        super().__init__(next_step=NextStep(MAKE_CLIENT_LINK))


class ClientLinkEnded(ConnectbotError):
    """A client link has expired or is used up."""

    kind = "client_link_ended"

    def __init__(self, link: ClientLink, ending: Ending) -> None:
        super().__init__("This client link has expired or is used up.")
        self.link, self.ending = link, ending


class FormTooOld(ConnectbotError):
    """A form isn't of our page, or was given out long ago."""

    kind = "form_too_old"
    says = "This page was open for a long time. Press the button again."


class OpenedTooOften(ConnectbotError):
    """A limit of the page is reached; `seconds` is how long to wait."""

    kind = "opened_too_often"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many tries. Try again in {seconds} s.")
        self.seconds = seconds
