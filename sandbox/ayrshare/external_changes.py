"""What happens to profiles other than over the API: on the linking page, in the dashboard, by Ayrshare itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sandbox.ayrshare.account import Account, Profile, new_profile
from sandbox.ayrshare.profile_list import ProfileList
from sandbox.ayrshare.social_accounts import LABELS, iso
from sandbox.ayrshare.webhook_delivery import Deliveries


class Outside:
    """Each doing names a profile by its title or `refId`; raises LookupError for what is not there."""

    def __init__(self, account: Account, listing: ProfileList, deliveries: Deliveries) -> None:
        self._account = account
        self._listing = listing
        self._deliveries = deliveries

    def link_as_user(self, profile: str, network: str) -> None:
        """Link an account as somebody does on the linking page; raises ValueError for a network it does not have."""
        if network not in LABELS:
            raise ValueError(f"there is no network {network!r}")
        linked = self._account.named(profile)
        account = linked.link(network, at=self._account.now())
        self._deliveries.announce(linked, account, "link", source="user")

    def unlink_as_system(self, profile: str, network: str, details: str | dict[str, Any]) -> None:
        """Drop a link as Ayrshare does when a network refuses it; the details are told as they are."""
        dropped = self._linked(profile, network)
        account = dropped.linked.pop(network)
        self._deliveries.announce(dropped, account, "unlink", source="system", details=details)

    def refresh_as_system(self, profile: str, network: str, *, days: int) -> None:
        """Tell that a network will demand a new sign-in in so many days."""
        due = self._linked(profile, network)
        refresh_by = self._account.now() + timedelta(days=days)
        due.linked[network] = account = replace(due.linked[network], refresh_by=refresh_by)
        self._deliveries.announce(due, account, "refresh", source="system", refreshBy=iso(refresh_by))

    def suspend(self, profile: str) -> None:
        """Suspend a profile: calls with its key are refused."""
        self._account.named(profile).suspended = True

    def resume(self, profile: str) -> None:
        """Lift a suspension."""
        self._account.named(profile).suspended = False

    def delete(self, profile: str) -> None:
        """Delete a profile: nobody knows its key any more."""
        self._account.profiles.remove(self._account.named(profile))
        self._listing.forget()

    def add_profiles(self, titles: Iterable[str]) -> None:
        """Make empty profiles; the same title always gives the same keys."""
        now = self._account.now()
        self._account.profiles += [new_profile(title, at=now, seed=title) for title in titles]
        self._listing.forget()

    def _linked(self, name: str, network: str) -> Profile:
        profile = self._account.named(name)
        if network not in profile.linked:
            raise LookupError(f"{network} is not linked to {profile.title!r}")
        return profile
