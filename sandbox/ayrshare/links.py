"""The links that were issued; they are kept as long as the local service runs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.assumptions import LINK_MINUTES, NEEDS_MAX_PACK
from sandbox.ayrshare.errors import ApiError, MissingParameter
from sandbox.ayrshare.social_accounts import LABELS, X

MAX_MINUTES = 2_880
"""The longest lifetime that `expiresIn` may ask for."""


@dataclass(slots=True)
class IssuedLink:
    """One link; it is `genuine` unless its token was signed with a key that isn't the account's.

    With `signs_in` its page is the sign-in of its one network. `instagram_method` is how Instagram signs in there.
    """

    profile: Profile
    token: str
    domain: str
    created_at: datetime
    expires_at: datetime
    networks: tuple[str, ...]
    genuine: bool = True
    signs_in: bool = False
    instagram_method: str | None = None
    revoked: bool = False
    session_id: str = field(default_factory=lambda: secrets.token_hex(32))
    opens: list[datetime] = field(default_factory=list)

    def state(self, now: datetime) -> str:
        """Return `pending` until the page is first opened, then `active`; or `expired`, `revoked`."""
        if self.revoked:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        return "active" if self.opens else "pending"

    def works(self, now: datetime) -> bool:
        """Return whether the page behind the link may be used."""
        return self.genuine and self.state(now) in {"pending", "active"}


class LinkRegistry:
    """Creates the URLs of links and finds the link of a token or a session."""

    def __init__(self, page_url: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._page_url = page_url
        self.now = now
        self.issued: list[IssuedLink] = []

    def add(self, link: IssuedLink, body: dict[str, Any]) -> str:
        """Keep a link and return its URL; the parameters are in the order of the real service."""
        self.issued.append(link)
        opaque = link.token.startswith("ayr_ls_")
        query = {"session": link.token, "domain": link.domain} if opaque else {"jwt": link.token, "domain": link.domain}
        if redirect := body.get("redirect"):
            query["redirect"] = str(redirect)
        if body.get("logout") is True:
            query["logout"] = "true"
        return f"{self._page_url()}?{urlencode(query)}"

    def by_token(self, token: str) -> IssuedLink | None:
        """Return the link with that token."""
        return next((link for link in self.issued if link.token == token), None)

    def by_session(self, session_id: str, profile: Profile) -> IssuedLink | None:
        """Return the link with that session ID if it belongs to the profile."""
        return next((o for o in self.issued if o.session_id == session_id and o.profile is profile), None)


def requested_lifetime(body: dict[str, Any], *, max_pack: bool) -> timedelta:
    """Return the lifetime that a call asks for; raises ApiError for an `expiresIn` that is invalid or not paid for."""
    minutes = body.get("expiresIn")
    if minutes is None:
        return timedelta(minutes=LINK_MINUTES)
    if not max_pack:
        raise ApiError(NEEDS_MAX_PACK, "expiresIn needs the Max Pack.")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 1 <= minutes <= MAX_MINUTES:
        raise ApiError(NEEDS_MAX_PACK, f"expiresIn must be a number of minutes from 1 to {MAX_MINUTES}.")
    return timedelta(minutes=minutes)


def offered_networks(body: dict[str, Any], profile: Profile, *, own_x_app: bool) -> tuple[str, ...]:
    """Return the networks that the page offers, X only with an own app; raises ApiError for a malformed list."""
    allowed = body.get("allowedSocial") or list(LABELS)
    if not isinstance(allowed, list):
        raise MissingParameter("allowedSocial must be an array.")
    hidden = set(profile.settings.get("disableSocial", ())) | (set() if own_x_app else {X})
    return tuple(network for network in LABELS if network in allowed and network not in hidden)
