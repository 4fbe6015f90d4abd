"""One customer of Ayrshare: the API key, the integration package, the Primary Profile and the User Profiles."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha1, sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.ayrshare.assumptions import REFRESH_AFTER, UNKNOWN_PROFILE_KEY
from sandbox.ayrshare.errors import ApiError
from sandbox.ayrshare.social_accounts import SocialAccount
from sandbox.ayrshare.webhook_settings import WebhookSettings

PRIMARY_NETWORKS = (
    *("facebook", "fbg", "gmb", "instagram", "linkedin", "pinterest"),
    *("reddit", "telegram", "tiktok", "twitter", "youtube"),
)


@dataclass(slots=True, eq=False)
class Profile:
    """A profile and its connected accounts by network; `key` authorizes calls for it, `ref_id` identifies it.

    `own_names` are those of its people's own accounts, where they differ from its title.
    """

    title: str
    ref_id: str
    key: str
    created: datetime
    accounts: dict[str, SocialAccount] = field(default_factory=dict)
    own_names: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    suspended: bool = False
    calls: int = 0
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)

    def connect(self, platform: str, *, at: datetime, name: str | None = None) -> SocialAccount:
        """Connect an account of that network and return it; it replaces the account connected before, if any.

        Without a name it is the one that belongs to the profile's people, the same each time.
        """
        lifetime = REFRESH_AFTER.get(platform)
        name = name or self.own_names.get(platform, self.title)
        account = SocialAccount(platform, name, at, at + lifetime if lifetime else None)
        self.accounts[platform] = account
        return account


class AyrshareAccount:
    """The keys of the account and its profiles.

    `signed_in` names the person who is signed in at the networks, whose accounts get connected; None stands for each
    profile's own people.
    """

    api_key: str
    domain = "acme"
    signed_in: str | None = None

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.api_key = key_from("the account's API key")
        self.private_key = _private_key()
        self.primary = new_profile("Primary Profile", at=now(), seed="Primary Profile")
        for platform in PRIMARY_NETWORKS:
            self.primary.connect(platform, at=now(), name="Acme")
        self.profiles = seed_profiles(now())

    @property
    def private_key_pem(self) -> str:
        """The `private.key` of the integration package, PKCS#1."""
        form = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        return self.private_key.private_bytes(*form).decode()

    def profile(self, key: str | None) -> Profile:
        """Return the profile with that key, or the Primary without a key; raises ApiError if unknown or suspended."""
        profile = self.find(key) if key else self.primary
        if profile is None:
            raise ApiError(UNKNOWN_PROFILE_KEY, "Profile Key not valid.")
        if profile.suspended:
            raise ApiError(403, "Profile suspended.")
        return profile

    def find(self, key: object) -> Profile | None:
        """Return the User Profile with that key, if there is one."""
        return next((profile for profile in self.profiles if profile.key == key), None)

    def named(self, name: str) -> Profile:
        """Return the User Profile with that title or `refId`; raises LookupError."""
        for profile in self.profiles:
            if name in {profile.title, profile.ref_id}:
                return profile
        raise LookupError(f"there is no profile {name!r}")


def new_profile(title: str, *, at: datetime, seed: str | None = None) -> Profile:
    """Return a profile without accounts; the same `seed` gives the same keys."""
    seed = seed or secrets.token_hex(16)
    return Profile(title, sha1(seed.encode(), usedforsecurity=False).hexdigest(), key_from(seed), at)


def seed_profiles(now: datetime) -> list[Profile]:
    """Return the four User Profiles of a new sandbox."""
    jane, team, globex, initech = (
        new_profile(title, at=now - timedelta(days=400), seed=title)
        for title in ("Acme: Jane", "Acme: Team", "Globex", "Initech")
    )
    jane.connect("instagram", at=now - timedelta(days=90), name="Jane of Acme")
    jane.accounts["linkedin"] = SocialAccount(
        "linkedin", "Jane Doe", now - timedelta(days=356), now + timedelta(days=9)
    )
    team.connect("facebook", at=now - timedelta(days=200), name="Acme")
    team.accounts["tiktok"] = SocialAccount("tiktok", "Acme", now - timedelta(days=300), refresh_required=True)
    globex.connect("youtube", at=now - timedelta(days=30), name="Globex")
    for profile in (jane, team, globex):
        profile.own_names |= {network: account.name for network, account in profile.accounts.items()}
    return [jane, team, globex, initech]


def key_from(seed: str) -> str:
    """Return a key in the documented format, such as AX1XGG-9jK3M5LS-GR5RX5G-LLCK8EA."""
    digits = sha256(seed.encode()).hexdigest().upper()
    return "-".join((digits[:6], digits[6:14], digits[14:21], digits[21:28]))


@cache
def _private_key() -> rsa.RSAPrivateKey:
    """Return a key made once for each process, which takes 11 ms."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=1_024)  # noqa: S505 - protects nothing, and is made fast
