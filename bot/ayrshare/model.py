"""What Ayrshare knows, as values: profiles, accounts, links."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from bot.core.model import RefId


@dataclass(frozen=True, slots=True)
class Profile:
    """An Ayrshare User Profile and the secret key that acts for it."""

    ref_id: RefId
    title: str
    key: SecretStr


@dataclass(frozen=True, slots=True)
class ProfileSummary:
    """One line of Ayrshare's list of profiles, up to five minutes old; without its key, which no call gives back.

    `listed_at` is when the list was drawn up, `renewed_at` when it will be anew (both UTC), as far as Ayrshare tells.
    """

    ref_id: RefId
    title: str
    networks: frozenset[str]
    suspended: bool
    created_at: datetime | None = None
    listed_at: datetime | None = None
    renewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A linking page's address, and the moment (UTC) from which it is dead."""

    url: SecretStr
    expires_at: datetime
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class LinkUse:
    """What Ayrshare knows of a link before its deadline: when it was first opened (UTC), and whether it is dead."""

    opened_at: datetime | None = None
    revoked: bool = False
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """One network linked to a profile; `refresh_by` (UTC) is when the network wants a new sign-in."""

    network: str
    name: str | None = None
    refresh_by: datetime | None = None
    needs_attention: bool = False


@dataclass(frozen=True, slots=True)
class Minted:
    """A fresh link, and the profile's title where Ayrshare told it."""

    link: Link
    title: str | None


@dataclass(frozen=True, slots=True)
class ConnectMail:
    """A mail with a link that Ayrshare shall send; with any of these missing it fails."""

    to: str
    contact_email: str
    company: str
    terms_url: str
    privacy_url: str


@dataclass(frozen=True, slots=True)
class ConnectedAccounts:
    """A profile's networks at the moment of asking."""

    ref_id: RefId
    title: str
    accounts: tuple[Account, ...]
