"""The links that were made, for as long as the local service lives."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sandbox.ayrshare.account import Profile
from sandbox.ayrshare.assumptions import LINK_MINUTES, MISSING_FIELD, NEEDS_MAX_PACK
from sandbox.ayrshare.errors import Refusal
from sandbox.ayrshare.social_accounts import LABELS

LONGEST = 2_880
"""Minutes that `expiresIn` may ask for."""


@dataclass(slots=True)
class IssuedLink:
    """One link; `genuine` unless its token was signed by a key that is not the account's."""

    profile: Profile
    token: str
    domain: str
    created_at: datetime
    expires_at: datetime
    networks: tuple[str, ...]
    genuine: bool = True
    revoked: bool = False
    session_id: str = field(default_factory=lambda: secrets.token_hex(32))
    opens: list[datetime] = field(default_factory=list)

    def state(self, now: datetime) -> str:
        """Return `pending` until the first opening, then `active`; or `expired`, `revoked`."""
        if self.revoked:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        return "active" if self.opens else "pending"

    def works(self, now: datetime) -> bool:
        """Tell whether the page behind the link may be used."""
        return self.genuine and self.state(now) in {"pending", "active"}


class Links:
    """Makes addresses of the linking page and finds what stands behind them."""

    def __init__(self, page: Callable[[], str], now: Callable[[], datetime]) -> None:
        self._page = page
        self.now = now
        self.issued: list[IssuedLink] = []

    def add(self, link: IssuedLink, body: dict[str, Any]) -> str:
        """Keep a link and return its URL, in the order of parameters that the service is known for."""
        self.issued.append(link)
        new = link.token.startswith("ayr_ls_")
        query = {"session": link.token, "domain": link.domain} if new else {"domain": link.domain, "jwt": link.token}
        if redirect := body.get("redirect"):
            query["redirect"] = str(redirect)
        if body.get("logout") is True:
            query["logout"] = "true"
        return f"{self._page()}?{urlencode(query)}"

    def by_token(self, token: str) -> IssuedLink | None:
        """Return the link with that token."""
        return next((link for link in self.issued if link.token == token), None)

    def by_session(self, session_id: str, profile: Profile) -> IssuedLink | None:
        """Return that profile's link with that id."""
        return next((o for o in self.issued if o.session_id == session_id and o.profile is profile), None)


def lifetime(body: dict[str, Any], *, max_pack: bool) -> timedelta:
    """Return how long a link shall live; raises Refusal for an `expiresIn` that is wrong or not paid for."""
    minutes = body.get("expiresIn")
    if minutes is None:
        return timedelta(minutes=LINK_MINUTES)
    if not max_pack:
        raise Refusal(NEEDS_MAX_PACK, "expiresIn needs the Max Pack.")
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 1 <= minutes <= LONGEST:
        raise Refusal(NEEDS_MAX_PACK, f"expiresIn must be a number of minutes from 1 to {LONGEST}.")
    return timedelta(minutes=minutes)


def shown(body: dict[str, Any], profile: Profile) -> tuple[str, ...]:
    """Return the networks that the page will offer; raises Refusal for a list that is none."""
    allowed = body.get("allowedSocial") or list(LABELS)
    if not isinstance(allowed, list):
        raise Refusal(MISSING_FIELD, "allowedSocial must be an array.")
    return _known(allowed, hidden=profile.settings.get("disableSocial", ()))


def _known(allowed: list[object], *, hidden: Iterable[str]) -> tuple[str, ...]:
    return tuple(network for network in LABELS if network in allowed and network not in hidden)
