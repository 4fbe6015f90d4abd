"""A client link: its limits, its record, and what its token and its form are made of. Values only."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import NewType

from pydantic import SecretStr

from bot.core.model import RefId, TeamId, UserId
from bot.events.model import CLIENT_LINK
from bot.scheduling.job import Job, JobName

ClientLinkId = NewType("ClientLinkId", str)
"""The hash of its token: enough to find it, and of no use as a token."""

END_CLIENT_LINKS = JobName("end_client_links")
"""End the client links to a profile that whoever made them may no longer have."""
DRAW_CLIENT_RECEIPT = JobName("draw_client_receipt")
"""Tell of one use of a client link, and what got connected. Its id is the link's, the card's, and of whom to tell."""
GIVE_BACK_USE = JobName("give_back_use")
"""Take back the count of a use whose process died before it made a link. Its id is the client link's and the card's."""

TOKEN_BYTES = 16
SHORTEST_DAYS, LONGEST_DAYS, DEFAULT_DAYS = 1, 30, 7
FEWEST_USES, MOST_USES, DEFAULT_USES = 1, 100, 10
MORE_DAYS, MORE_USES = 7, 10
"""By which a client link is extended: at most LONGEST_DAYS from now, with at most MOST_USES left."""
LONGEST_NAME, LONGEST_NOTE = 60, 300
LOOKS_A_MINUTE = 60
"""From one address; behind a proxy that TRUSTED_PROXIES doesn't name, all clients have the proxy's."""
LINKS_AN_HOUR = 6
"""By one token."""
KEPT_AFTER_END = timedelta(days=30)
"""How long the page says that a client link has expired, before it is unknown."""
FORM_LIFE = timedelta(days=1)
"""How long the button of an open page works."""
RETURN_LIFE = timedelta(hours=2)
"""How long after a link's deadline the page that says what got connected is there."""
LOOK_PAUSE = timedelta(seconds=5)
"""Between two looks at Ayrshare for that page."""


class Ending(StrEnum):
    """Why a client link no longer works, as far as its page tells."""

    EXPIRED = "expired"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True)
class ClientLink:
    """A link that a client may use to connect accounts to one profile, until it expires, is used up or is revoked.

    `made_by` is a person or an API key, and `sender` what the client reads of them. `client` is a name for the client,
    `networks` are those it is for, all if there are none. `notify`: whoever has the profile is told of each use of one
    that an API key made. `newest_uses` are the cards of the uses that may still be given back: no more than an hour
    allows. Moments are in UTC.
    """

    id: ClientLinkId
    team: TeamId
    ref_id: RefId
    title: str
    made_by: str
    sender: str
    workspace: str
    client: str
    made_at: datetime
    expires_at: datetime
    most_uses: int
    networks: tuple[str, ...] = ()
    note: str = ""
    notify: bool = False
    uses: int = 0
    newest_uses: tuple[str, ...] = ()
    revoked: bool = False
    version: int = field(default=0, compare=False)

    @property
    def actor(self) -> str:
        """Its name on the cards of the links that it made."""
        return f"{CLIENT_LINK}{self.id}"

    @property
    def maker(self) -> UserId | None:
        """The person who made it, unless an API key did."""
        return UserId(self.made_by) if self.made_by[:1] in {"U", "W"} else None

    def ending(self, now: datetime) -> Ending | None:
        """Return why it no longer works, or None if it does."""
        if now >= self.expires_at:
            return Ending.EXPIRED
        return Ending.USED_UP if self.uses >= self.most_uses else None

    def works(self, now: datetime) -> bool:
        """Return whether it can be used."""
        return not self.revoked and self.ending(now) is None

    def receipt_job(self, use: str) -> Job:
        """Return the job that tells of one use: that of a card."""
        return Job(DRAW_CLIENT_RECEIPT, f"{self.id}:{use}")

    def give_back_job(self, use: str) -> Job:
        """Return the job that takes back the count of one use, which the card makes needless."""
        return Job(GIVE_BACK_USE, f"{self.id}:{use}")

    def used(self, use: str, now: datetime) -> "ClientLink | None":
        """Count a use, that of a card, once; return None if it can't be used."""
        if use in self.newest_uses:
            return self
        newest = (*self.newest_uses, use)[-LINKS_AN_HOUR:]
        return replace(self, uses=self.uses + 1, newest_uses=newest) if self.works(now) else None

    def given_back(self, use: str) -> "ClientLink | None":
        """Take back the count of a use that came to nothing; return None if that was done."""
        if use not in self.newest_uses:
            return None
        return replace(self, uses=self.uses - 1, newest_uses=tuple(one for one in self.newest_uses if one != use))

    def ended(self) -> "ClientLink | None":
        """Revoke it; return None if it was."""
        return None if self.revoked else replace(self, revoked=True)

    def extended(self, now: datetime) -> "ClientLink | None":
        """Add MORE_DAYS and MORE_USES to what is left; return None if it was revoked."""
        if self.revoked:
            return None
        longer = max(self.expires_at, now) + timedelta(days=MORE_DAYS)
        until = min(longer, now + timedelta(days=LONGEST_DAYS))
        return replace(self, expires_at=until, most_uses=min(self.most_uses + MORE_USES, self.uses + MOST_USES))


@dataclass(frozen=True, slots=True)
class ClientLinkOrder:
    """What somebody wants: a link to a profile for a client, with its limits."""

    team: TeamId
    by: str
    ref_id: RefId
    client: str = ""
    networks: tuple[str, ...] = ()
    note: str = ""
    days: int = DEFAULT_DAYS
    uses: int = DEFAULT_USES
    notify: bool = False


@dataclass(frozen=True, slots=True)
class ClientLinkForm:
    """What the form offers: profiles by their titles, networks, and how many client links there are.

    `chosen` is the profile that it was opened for.
    """

    profiles: Mapping[RefId, str]
    networks: tuple[str, ...]
    made: int = 0
    chosen: RefId | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class NewClientLink:
    """A client link that was just made, with its address, which is shown once."""

    link: ClientLink
    url: SecretStr


@dataclass(frozen=True, slots=True)
class Return:
    """What the page behind `redirect` is about: the card of one use."""

    team: TeamId
    link: ClientLinkId
    card: str


def new_token() -> str:
    """Return a token of 128 random bits, as it stands in an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def id_of(token: str) -> ClientLinkId:
    """Return the id that a token stands for; a plain hash, for 128 random bits can't be tried out."""
    return ClientLinkId(sha256(token.encode(errors="surrogatepass")).hexdigest()[:32])


def card_of(link: ClientLinkId, stamp: str) -> str:
    """Return the id of the card that a form makes: the same form never makes two."""
    return sha256(f"{link}:{stamp}".encode()).hexdigest()[:22]
