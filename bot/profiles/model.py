"""What a profile is to its people: mappings, snapshots of its accounts, rows of a list."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.ayrshare.model import Account
from bot.core.model import RefId, TeamId, UserId
from bot.storage.encryption_keys import keys_named_in


@dataclass(frozen=True, slots=True)
class SealedProfile:
    """A profile's record as it lies there; a damaged one has neither title nor envelope."""

    ref_id: RefId
    record: str
    title: str
    envelope: str

    @property
    def key_id(self) -> str | None:
        """The id of the encryption key it was sealed with, if that can be told."""
        return next(iter(keys_named_in(self.envelope)), None)


class RotationOutcome(StrEnum):
    """How a record stands to the newest encryption key, and what was done about it."""

    RESEALED = "resealed"
    NEWEST = "newest"
    CHANGED = "changed"
    """Somebody saved it meanwhile, so it was left alone."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """A profile that somebody looks after, or did."""

    ref_id: RefId
    title: str
    default: bool


@dataclass(frozen=True, slots=True)
class ProfileMapping:
    """That somebody looks after a profile; one of a person's mappings is the default."""

    team: TeamId
    user: UserId
    ref_id: RefId
    default: bool


@dataclass(frozen=True, slots=True)
class ProfileStatus:
    """What is linked to one profile, or in a sentence why that can't be told."""

    title: str
    accounts: tuple[Account, ...] = ()
    trouble: str | None = None


class ProfileHealth(StrEnum):
    """What may be said of a profile, in the words that a person types to see only those."""

    IN_ORDER = "in order"
    UNMAPPED = "unmapped"
    NOTHING_LINKED = "nothing linked"
    NEEDS_ATTENTION = "needs attention"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was linked to a profile when we last asked (UTC); `stale` is one that Ayrshare no longer lets us use."""

    at: datetime
    accounts: tuple[Account, ...] = ()
    stale: bool = False

    @property
    def health(self) -> ProfileHealth:
        """What may be said of the profile; one that is stale is nothing else."""
        if self.stale:
            return ProfileHealth.STALE
        if not self.accounts:
            return ProfileHealth.NOTHING_LINKED
        return (
            ProfileHealth.NEEDS_ATTENTION
            if any(one.needs_attention for one in self.accounts)
            else ProfileHealth.IN_ORDER
        )


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and from where; `home` is their own workspace, as far as Slack told."""

    team: TeamId
    user: UserId
    home_team: TeamId | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One profile and one of those who look after it; `known` is whether the bot has its key.

    `trouble` says in a sentence why the profile can't be asked about.
    """

    ref_id: RefId
    title: str
    user: UserId | None
    snapshot: Snapshot | None = None
    known: bool = True
    trouble: str = ""
