"""The values the rest of the house speaks in: ids, profiles, links and cards. No I/O."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from pydantic import SecretStr

from bot.scheduling.job import Errand, InvitationId, Kind

TeamId = NewType("TeamId", str)
"""A Slack workspace, such as `T0123ABC`."""
UserId = NewType("UserId", str)
"""A Slack person, unique only together with their workspace."""
RefId = NewType("RefId", str)
"""Ayrshare's public name of a profile: 40 hex characters in practice, never a secret."""
CardId = NewType("CardId", str)
ViewId = NewType("ViewId", str)
"""Slack's id of a view that somebody has open."""

Block = dict[str, Any]
"""One Block Kit block, as it goes over the wire."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is shown: blocks, and the sentence that screen readers and notifications get instead."""

    text: str
    blocks: tuple[Block, ...] = ()


class Standing(StrEnum):
    """What somebody is to the workspace (https://docs.slack.dev/reference/objects/user-object)."""

    MEMBER = "member"
    GUEST = "guest"
    INVITED = "invited"
    DEACTIVATED = "deactivated"
    BOT = "bot"
    OTHER_ORGANIZATION = "other_organization"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says about somebody, as far as we act on it; `zone` is their time zone's IANA name, if told.

    `email` is None where the bot lacks the scope to see it.
    """

    id: UserId
    standing: Standing
    is_admin: bool = False
    zone: str = ""
    email: str | None = ""


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
class Mapping:
    """That somebody looks after a profile; one of a person's mappings is the default."""

    team: TeamId
    user: UserId
    ref_id: RefId
    default: bool


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


@dataclass(frozen=True, slots=True)
class ProfileStatus:
    """What is linked to one profile, or in a sentence why that can't be told."""

    title: str
    accounts: tuple[Account, ...] = ()
    trouble: str | None = None


RESPONSE_URL_LIFE = timedelta(minutes=30)
RESPONSE_URL_POSTS = 5
LONGEST_COUNTDOWN = RESPONSE_URL_LIFE
"""A link that lives longer shows date and time and promises no countdown: its message could not be changed in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A `response_url` as a means to speak: 5 posts in 30 minutes, and whether it can replace the card's own message.

    https://docs.slack.dev/interactivity/handling-user-interaction
    """

    url: SecretStr
    expires_at: datetime
    posts_left: int
    replaces: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A modal that shows a card, and can be redrawn until it is closed."""

    view: ViewId


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message of ours stands."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class DirectMessage:
    """A message of ours in the direct message with somebody, which `chat.update` changes at any time.

    `answer` is of a click on it: it changes the message too, at once and without a share of Slack's 50 updates a
    minute. It is of use for that click only and never kept.
    """

    posted: Posted
    answer: Answer | None = None


Place = Answer | Window | DirectMessage
"""Where a card is shown, and by which means it can be changed there."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Why somebody has a card: a colleague invited them to link their accounts."""

    invitation: InvitationId
    asked_by: UserId
    note: str = ""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit trail: ids only. `by` is a user ID or `shell`; `at` is known once it is kept."""

    what: str
    by: str
    owner: UserId | None = None
    ref_id: RefId | None = None
    detail: str = ""
    at: datetime | None = None


class CardState(StrEnum):
    """`ready → opened → expired`; `replaced` and `cancelled` end either of the first two."""

    READY = "ready"
    OPENED = "opened"
    EXPIRED = "expired"
    REPLACED = "replaced"
    CANCELLED = "cancelled"

    @property
    def live(self) -> bool:
        """Whether the card's link may still be used."""
        return self in {CardState.READY, CardState.OPENED}


@dataclass(frozen=True, slots=True)
class Card:
    """A message that offers one link to one person, and everything needed to draw it again.

    `viewer` sees it, `owner` is whose profile it is. `place` is None once its window was closed; `revoked` tells
    whether Ayrshare took the link back, `undrawn` whether it has ended and what is shown doesn't say so yet. `version`
    grows with each change. `heard` are the networks that changed, as Ayrshare told, since anybody looked. Moments are
    aware, in UTC.
    """

    id: CardId
    team: TeamId
    viewer: UserId
    owner: UserId
    ref_id: RefId
    title: str
    link: Link
    made_at: datetime
    place: Place | None
    origin: Origin | None = None
    state: CardState = CardState.READY
    opened_at: datetime | None = None
    linked_before: tuple[Account, ...] | None = None
    linked: tuple[Account, ...] = field(default=())
    checked_at: datetime | None = None
    heard: tuple[str, ...] = ()
    revoked: bool = False
    undrawn: bool = False
    version: int = 0

    @property
    def usable(self) -> bool:
        """Whether whoever has a copy of its link can use it until the deadline."""
        return self.state.live or (self.state is not CardState.EXPIRED and not self.revoked)

    @property
    def seen_at(self) -> datetime:
        """When it was last looked whether anything about it had come due."""
        return self.checked_at or self.made_at

    @property
    def tick(self) -> Errand:
        """What is planned for the next moment at which something about it changes."""
        return Errand(Kind.CARD_TICK if isinstance(self.place, DirectMessage) else Kind.TICK, self.id)

    @property
    def end(self) -> Errand:
        """What is planned for its deadline."""
        return Errand(Kind.CARD_END if isinstance(self.place, DirectMessage) else Kind.END, self.id)


@dataclass(frozen=True, slots=True)
class Mailed:
    """A link that Ayrshare mailed to an address because `by` wanted it, on a card that nobody sees.

    `told` is whether its owner could be told what that mail is (None: no need to).
    """

    card: Card
    by: UserId
    to: str
    told: bool | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A profile that somebody looks after, or did."""

    ref_id: RefId
    title: str
    default: bool


@dataclass(frozen=True, slots=True)
class TakenAway:
    """What came of taking profiles from somebody: those taken, and those that were no longer theirs by then.

    `ended` are the cards whose links ended with it, `links_left` tells whether there may be more; `told` and `untold`
    are the people who were sent a direct message, or should have been.
    """

    owner: UserId
    taken: tuple[Held, ...]
    gone: tuple[Held, ...]
    ended: tuple[Card, ...]
    links_left: bool
    told: tuple[UserId, ...] = ()
    untold: tuple[UserId, ...] = ()
