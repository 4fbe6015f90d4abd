"""Two ways to a link, one shape: link sessions and generateJWT."""

from typing import Protocol

from bot.ayrshare.model import ConnectMail, Link, LinkUse, Minted, Profile


class Links(Protocol):
    """Makes links for profiles. Every method raises AyrshareError."""

    async def mint(self, profile: Profile, *, mail: ConnectMail | None = None) -> Minted:
        """Make a link for a profile and, where `mail` is given, have Ayrshare mail it; never repeated then."""
        ...

    async def revoke(self, profile: Profile, link: Link) -> bool:
        """Revoke a link and return whether it is dead now; False where this API can't revoke."""
        ...

    async def use(self, profile: Profile, link: Link) -> LinkUse | None:
        """Return whether a link was opened, revoked or expired, or None where this API can't tell."""
        ...
