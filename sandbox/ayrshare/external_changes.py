"""Changes to profiles that aren't made through the API: on the page, in the dashboard, by Ayrshare itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.ayrshare.account import AyrshareAccount, Profile, new_profile
from sandbox.ayrshare.assumptions import REFRESH_ANNOUNCED
from sandbox.ayrshare.profile_list import CachedProfileList
from sandbox.ayrshare.social_accounts import LABELS, SocialAccount, iso
from sandbox.ayrshare.webhook_delivery import WebhookDelivery


class ExternalChanges:
    """Each change names a profile by its title or `refId`; raises LookupError for an unknown profile or account."""

    def __init__(self, account: AyrshareAccount, profile_list: CachedProfileList, webhooks: WebhookDelivery) -> None:
        self._account = account
        self._profile_list = profile_list
        self._webhooks = webhooks

    def connect_as_user(self, profile: str, network: str) -> None:
        """Connect an account as a person does on the page; raises ValueError for an unknown network."""
        if network not in LABELS:
            raise ValueError(f"there is no network {network!r}")
        owner = self._account.named(profile)
        account = owner.connect(network, at=self._account.now(), name=self._account.signed_in)
        self._webhooks.announce(owner, account, "link", source="user")

    def disconnect_as_system(self, profile: str, network: str, details: str | dict[str, Any]) -> None:
        """Disconnect an account as Ayrshare does when a network rejects it; `details` are sent unchanged."""
        owner = self._owner(profile, network)
        account = owner.accounts.pop(network)
        self._webhooks.announce(owner, account, "unlink", source="system", details=details)

    def require_refresh(self, profile: str, network: str, *, days: int) -> None:
        """Announce that a network will require a new sign-in in so many days."""
        owner = self._owner(profile, network)
        refresh_by = self._account.now() + timedelta(days=days)
        owner.accounts[network] = account = replace(owner.accounts[network], refresh_by=refresh_by)
        self._announce_refresh(owner, account)

    def announce_refreshes(self, since: datetime) -> None:
        """Announce each end of a sign-in that has come near since a moment, as happens when the clock is moved."""
        due = since + REFRESH_ANNOUNCED, self._account.now() + REFRESH_ANNOUNCED
        for owner in self._account.profiles:
            for account in owner.accounts.values():
                if account.refresh_by and due[0] < account.refresh_by <= due[1]:
                    self._announce_refresh(owner, account)

    def _announce_refresh(self, owner: Profile, account: SocialAccount) -> None:
        at = iso(account.refresh_by) if account.refresh_by else None
        self._webhooks.announce(owner, account, "refresh", source="system", refreshBy=at)

    def suspend(self, profile: str) -> None:
        """Suspend a profile: calls with its key are rejected."""
        suspended = self._account.named(profile)
        suspended.suspended = True
        self._webhooks.announce_suspension(suspended)

    def resume(self, profile: str) -> None:
        """Lift a suspension."""
        self._account.named(profile).suspended = False

    def delete(self, profile: str) -> None:
        """Delete a profile: its key becomes unknown."""
        self._account.profiles.remove(self._account.named(profile))
        self._profile_list.invalidate()

    def add_profiles(self, titles: Iterable[str]) -> None:
        """Create profiles without accounts; the same title always gives the same keys."""
        now = self._account.now()
        self._account.profiles += [new_profile(title, at=now, seed=title) for title in titles]
        self._profile_list.invalidate()

    def _owner(self, name: str, network: str) -> Profile:
        profile = self._account.named(name)
        if network not in profile.accounts:
            raise LookupError(f"{network} is not linked to {profile.title!r}")
        return profile
