"""Which networks a link is for: those that were asked for, else those that need a new sign-in, else all."""

from dataclasses import dataclass

from bot.ayrshare.networks import OfferedNetworks, network_name
from bot.profiles.model import HeldProfile
from bot.slack.text import several


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

    def label(self, otherwise: str) -> str:
        """Return the label of the button with the link: `otherwise` unless it is for what is broken."""
        if not self.networks or not self.reconnect:
            return otherwise
        return f"Reconnect {self.names if len(self.networks) == 1 else 'accounts'}"


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
