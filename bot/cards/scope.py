"""Who asks for a link, and which networks it is for: those asked for, else those to sign in to again, else all."""

from dataclasses import dataclass

from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.core.model import TeamId, UserId, Viewer
from bot.profiles.model import HeldProfile
from bot.scheduling.job import Job
from bot.slack.model import Surface
from bot.slack.text import several


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Who asks for a link, and where it is shown.

    `networks` is what it is to be for: nothing for all networks, None for what is broken, if anything. `reconnect`:
    they were connected before; where `networks` is None, it is for what expires soon, too. `asked_by` and `note` are of
    the colleague whose request this answers. `notify` tells them what comes of it.
    """

    viewer: Viewer
    surface: Surface
    networks: tuple[str, ...] | None = None
    reconnect: bool = False
    asked_by: UserId | None = None
    note: str = ""
    notify: Job | None = None

    @property
    def team(self) -> TeamId:
        """The workspace in which it is asked for."""
        return self.viewer.team

    @property
    def caller(self) -> UserId:
        """Who asks for it."""
        return self.viewer.user


@dataclass(frozen=True, slots=True)
class Scope:
    """The networks that a link's page shows, all if there are none.

    `asked` is what was asked for: None where the bot decides, nothing for all networks. `reconnect`: they were
    connected before. `left_out`: what to say of networks that need a new sign-in and that no link may offer.
    """

    networks: tuple[str, ...] = ()
    asked: tuple[str, ...] | None = None
    reconnect: bool = False
    left_out: str = ""

    @property
    def refused(self) -> bool:
        """Whether no link may offer what needs a new sign-in, and nothing else was asked for."""
        return self.asked is None and bool(self.left_out) and not self.networks

    @property
    def names(self) -> str:
        """The networks as they stand in a sentence."""
        return several([network_name(network) for network in self.networks])


EVERYTHING = Scope()


def scope_of(
    offered: OfferedNetworks, profile: HeldProfile, asked: tuple[str, ...] | None, *, reconnect: bool
) -> Scope:
    """Return the scope of a new link; raise NetworkNotOffered if it may offer nothing that was asked for."""
    if reconnect and asked is None:
        asked = offered.among(profile.to_reconnect)
    wanted = profile.broken if asked is None else asked
    offered.check(asked or ())
    networks, left_out = offered.among(wanted), offered.refusals(asked or profile.broken)
    return Scope(networks, asked, reconnect or set(networks) <= set(profile.broken), left_out)
