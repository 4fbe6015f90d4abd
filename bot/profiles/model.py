"""A profile as people see it: its mappings, snapshot, health and row in a list; and its sealed record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.ayrshare.model import Account, Profile
from bot.core.model import RefId, TeamId, UserId
from bot.scheduling.job import Job, JobName

HOLDER_ADDED = JobName("holder_added")
"""Somebody got a profile: they are told what nobody was told of it. Its id is theirs."""
ACCOUNT_CHANGED = JobName("account_changed")
"""Say which account was connected to a profile: the one from before, another, a shared one. Its id is the profile."""
ACCOUNT_EXPIRES = JobName("account_expires")
"""Look at a profile of which an account expires at that moment. Its id is the profile."""
CHANGE_SEEN = JobName("change_seen")
"""Tell a profile's people what a look at it found to have dropped or to be back. Its id is the profile."""
SEEN_AFTER = timedelta(seconds=5)
"""Whoever looked may tell it: the daily check, or Ayrshare's webhook, which comes at the same time."""
REDRAW_VIEWS = JobName("redraw_views")
"""Draw the Home tabs and windows again that people have open, because something has changed. Its id means nothing."""
REDRAWN_AFTER = timedelta(milliseconds=500)
"""What changes meanwhile is drawn with it."""
STATUS_PROFILES = 10
"""Profiles asked about by one `/connect status`; each costs a call to Ayrshare."""


FRESH_FOR = timedelta(minutes=1)
"""Opening Home or a list does not refresh a younger snapshot."""
REFRESH_TIMEOUT = timedelta(seconds=2)
CHANGE_KEPT = timedelta(days=7)
"""How long people may be out of reach who are to be told of a change of their mappings."""
EXPIRED = "The sign-in has expired"
"""The reason of what is disconnected because nobody signed in again in time."""
SIGN_IN_REQUIRED = "The network requires a new sign-in"
"""The reason of what Ayrshare lists and says to be in need of one now, without a day."""
TITLES_NAMED = 5
"""A sentence names this many profiles; it counts the rest."""


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """A profile that is or was mapped to a person, without its key."""

    ref_id: RefId
    title: str
    default: bool


@dataclass(frozen=True, slots=True)
class ProfileMapping:
    """One person is responsible for one profile; one of a person's mappings is the default."""

    team: TeamId
    user: UserId
    ref_id: RefId
    default: bool


@dataclass(frozen=True, slots=True)
class MappingChange:
    """Profiles that were taken from `old`, given to `new`, or both. `default` is that of them which was `old`'s."""

    id: str
    by: str
    old: UserId | None = None
    new: UserId | None = None
    ref_ids: tuple[RefId, ...] = ()
    default: RefId | None = None


@dataclass(frozen=True, slots=True)
class ChangeRef:
    """Names a change of which account a profile has on a network."""

    ref_id: RefId
    network: str
    id: str


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What follows from a change of mappings and is written with it: jobs, and the record of the change."""

    jobs: Mapping[Job, datetime] = field(default_factory=dict)
    change: MappingChange | None = None


NOTHING_FOLLOWS = FollowUp()


def noon(moment: datetime) -> datetime:
    """Return the noon of a moment's day (UTC): that day in most time zones."""
    return moment.replace(hour=12, minute=0, second=0, microsecond=0)


def redraw_soon(now: datetime) -> dict[Job, datetime]:
    """Return the job that follows from every change of what people may have open."""
    return {Job(REDRAW_VIEWS, ""): now + REDRAWN_AFTER}


class ProfileHealth(StrEnum):
    """A profile's state, worst first; the value is stored with each snapshot.

    DISCONNECTED: an account needs a sign-in now. EXPIRING: one needs it by a day that is near. STALE: Ayrshare refuses
    the profile's key. UNSEEN, which isn't stored: there is no snapshot.
    """

    DISCONNECTED = "disconnected"
    STALE = "stale"
    EXPIRING = "needs attention"
    NOTHING_CONNECTED = "nothing linked"
    CONNECTED = "in order"
    UNSEEN = "unseen"


WORST_FIRST = {health: rank for rank, health in enumerate(ProfileHealth)}


@dataclass(frozen=True, slots=True)
class Disconnected:
    """An account that has dropped and isn't back, since a moment (UTC); `reason` is Ayrshare's text, if it gave one."""

    network: str
    name: str
    since: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A profile's accounts at the last call to Ayrshare (UTC), and those that dropped.

    `stale`: Ayrshare no longer accepts the profile.
    """

    at: datetime
    accounts: tuple[Account, ...] = ()
    stale: bool = False
    disconnected: tuple[Disconnected, ...] = ()

    @property
    def broken(self) -> tuple[str, ...]:
        """The networks that don't work until someone signs in again."""
        return tuple(one.network for one in self.disconnected)

    @property
    def lost(self) -> tuple[Disconnected, ...]:
        """The accounts that Ayrshare lists although they need a new sign-in now."""
        return tuple(self._disconnected(one) for one in self.accounts if one.lost_at(self.at))

    def _disconnected(self, one: Account) -> Disconnected:
        if one.refresh_by is None:
            return Disconnected(one.network, one.name or "", self.at, SIGN_IN_REQUIRED)
        return Disconnected(one.network, one.name or "", min(noon(one.refresh_by), self.at), EXPIRED)

    @property
    def expiring(self) -> tuple[Account, ...]:
        """The accounts that work until a day that is near."""
        due = (one for one in self.accounts if one.needs_attention)
        return tuple(one for one in due if one.refresh_by is not None and one.refresh_by > self.at)

    @property
    def working(self) -> tuple[Account, ...]:
        """The accounts that need nobody."""
        return tuple(one for one in self.accounts if not one.needs_attention)

    @property
    def to_reconnect(self) -> tuple[str, ...]:
        """The networks that need a new sign-in, now or by a day that is near; of a stale profile none helps."""
        expiring = (one.network for one in self.expiring)
        return () if self.stale else tuple(dict.fromkeys((*self.broken, *expiring)))

    @property
    def health(self) -> ProfileHealth:
        """The state that this snapshot shows; stale takes precedence."""
        if self.stale:
            return ProfileHealth.STALE
        if self.broken:
            return ProfileHealth.DISCONNECTED
        if self.expiring:
            return ProfileHealth.EXPIRING
        return ProfileHealth.CONNECTED if self.working else ProfileHealth.NOTHING_CONNECTED


@dataclass(frozen=True, slots=True)
class ProfileStatus:
    """A profile as it was seen, if it was; `trouble` is a sentence on why it can't be seen now."""

    ref_id: RefId
    title: str
    seen: Snapshot | None = None
    trouble: str = ""

    @property
    def health(self) -> ProfileHealth:
        """The profile's state when it was seen."""
        return self.seen.health if self.seen else ProfileHealth.UNSEEN

    @property
    def to_reconnect(self) -> tuple[str, ...]:
        """The networks that need a new sign-in, now or by a day that is near."""
        return self.seen.to_reconnect if self.seen else ()


@dataclass(frozen=True, slots=True)
class ProfileState:
    """A profile's title and how it is."""

    title: str
    health: ProfileHealth


@dataclass(frozen=True, slots=True)
class HeldProfile(Profile):
    """A profile of a person, what was last seen of it, if anything, and how their `others` are."""

    snapshot: Snapshot | None = field(default=None, compare=False)
    others: tuple[ProfileState, ...] = field(default=(), compare=False)

    @property
    def broken(self) -> tuple[str, ...]:
        """The networks that don't work until someone signs in again."""
        return self.snapshot.broken if self.snapshot else ()

    @property
    def to_reconnect(self) -> tuple[str, ...]:
        """The networks that need a new sign-in, now or by a day that is near."""
        return self.snapshot.to_reconnect if self.snapshot else ()

    @property
    def health(self) -> ProfileHealth:
        """Its state when it was last seen."""
        return self.snapshot.health if self.snapshot else ProfileHealth.UNSEEN


@dataclass(frozen=True, slots=True)
class Row:
    """One profile and one person it is mapped to, if any; `known` is whether the bot has its key.

    `trouble` is a sentence on why the profile can't be refreshed. `asked_at` (UTC) is when somebody was last asked to
    connect its accounts.
    """

    ref_id: RefId
    title: str
    user: UserId | None
    snapshot: Snapshot | None = None
    known: bool = True
    trouble: str = ""
    asked_at: datetime | None = None

    @property
    def health(self) -> ProfileHealth:
        """The profile's state when it was last seen."""
        return self.snapshot.health if self.snapshot else ProfileHealth.UNSEEN

    @property
    def owned(self) -> str:
        """What a button's value says of it: the person and the profile, as `read_owned` reads them."""
        return f"{self.user or ''}:{self.ref_id}"


@dataclass(frozen=True, slots=True)
class DisconnectedProfiles:
    """Profiles of which a link may offer a disconnected account; `not_offered` says why none offers the others.

    `not_offered` is empty if a link may offer all that is disconnected.
    """

    reconnectable: frozenset[RefId] = frozenset()
    not_offered: str = ""

    def people(self, held: Iterable[tuple[UserId, RefId]], *, besides: UserId) -> frozenset[UserId]:
        """Return who can reconnect something; `held` is who has which profile, `besides` is left out."""
        return frozenset({user for user, ref_id in held if ref_id in self.reconnectable} - {besides})
