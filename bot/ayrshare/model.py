"""Ayrshare's profiles, accounts and links, as values."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import SecretStr

from bot.core.model import RefId


@dataclass(frozen=True, slots=True)
class Profile:
    """An Ayrshare User Profile and the secret key that acts for it.

    `broken`: the networks that needed a new sign-in when it was last seen, if that was read with it.
    """

    ref_id: RefId
    title: str
    key: SecretStr
    broken: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class ProfileSummary:
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
    """A profile's account on one network; `refresh_by` (UTC) is when the network requires a new sign-in."""

    network: str
    name: str | None = None
    refresh_by: datetime | None = None
    needs_attention: bool = False


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
