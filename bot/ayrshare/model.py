"""Ayrshare's profiles, accounts and links, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from bot.core.model import RefId

LONGEST_MINUTES = 2880
"""Of a link's life, which is Ayrshare's `expiresIn`."""


@dataclass(frozen=True, slots=True)
class Profile:
    """An Ayrshare User Profile and the secret key that acts for it."""

    ref_id: RefId
    title: str
    key: SecretStr


@dataclass(frozen=True, slots=True)
class ListedProfile:
    """One row of Ayrshare's list of profiles, up to five minutes old; no call returns an existing profile's key."""

    ref_id: RefId
    title: str
    networks: frozenset[str]
    suspended: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A link's URL, and when it expires (UTC); `session_id` is None by generateJWT."""

    url: SecretStr
    expires_at: datetime
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class LinkUse:
    """When a link was first opened (UTC), if it was, and whether it was revoked or has expired."""

    opened_at: datetime | None = None
    revoked: bool = False
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A profile's account on one network; `refresh_by` (UTC) is when the network requires a new sign-in.

    `needs_attention`: that is near or past, or it is required now, without a day. `id` and `handle` are the network's
    own, empty where Ayrshare gives none. `known_since` (UTC) is when the profile was first seen with it; `change` is
    what people are told about which account it is.
    """

    network: str
    name: str | None = None
    refresh_by: datetime | None = None
    needs_attention: bool = False
    id: str = ""
    handle: str = field(default="", compare=False)
    known_since: datetime | None = field(default=None, compare=False)
    change: "AccountChange | None" = field(default=None, compare=False)

    @property
    def questionable(self) -> bool:
        """Whether it may be the wrong account."""
        return self.change is not None and self.change.questionable

    def lost_at(self, moment: datetime) -> bool:
        """Return whether a new sign-in was required already at a moment (UTC)."""
        return self.needs_attention and (self.refresh_by is None or self.refresh_by <= moment)


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A change of which account a profile has on a network, at `at` (UTC): to `account` from `former`, if that differs.

    `shared_with` has the titles of the other profiles that have the account as well. With neither it was reconnected.
    `recorded`: it stands in the audit log, and those who are to be told are known. `before` is the id of the change
    that it took the place of, if that still stood. It happened `after` the last look before (UTC).
    """

    id: str
    at: datetime
    after: datetime
    account: Account
    former: Account | None = None
    shared_with: Mapping[RefId, str] = field(default_factory=dict)
    recorded: bool = False
    before: str = ""

    @property
    def questionable(self) -> bool:
        """Whether it may be the wrong account."""
        return bool(self.former or self.shared_with)


@dataclass(frozen=True, slots=True)
class Minted:
    """A new link, and the profile's title if Ayrshare gave it."""

    link: Link
    title: str | None


@dataclass(frozen=True, slots=True)
class ConnectMail:
    """A mail with a link, for Ayrshare to send, which requires all of these."""

    to: str
    contact_email: str
    company: str
    terms_url: str
    privacy_url: str


@dataclass(frozen=True, slots=True)
class ConnectedAccounts:
    """A profile's accounts at the time of the call."""

    ref_id: RefId
    title: str
    accounts: tuple[Account, ...]
