"""A mapping on its way, as values: entered, proposed, made; or stuck at a profile whose key was lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from pydantic import SecretStr

from bot.ayrshare.model import Account
from bot.cards.model import Card
from bot.core.model import RefId, UserId
from bot.profiles.model import ProfileRef


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """What came of taking profiles from somebody: those taken, and those that were no longer theirs by then.

    `ended` are the cards whose links ended with it, `links_left` tells whether there may be more; `told` and `untold`
    are the people who were sent a direct message, or should have been.
    """

    owner: UserId
    removed: tuple[ProfileRef, ...]
    already_gone: tuple[ProfileRef, ...]
    ended_cards: tuple[Card, ...]
    links_left: bool
    notified: tuple[UserId, ...] = ()
    not_notified: tuple[UserId, ...] = ()


PendingId = NewType("PendingId", str)


@dataclass(frozen=True, slots=True)
class PendingMapping:
    """A mapping that the admin `by` has entered and that isn't made yet.

    A profile that is still to be created has no `ref_id`; `networks` are those it shall show, none meaning all. There
    is a `key` only where one was typed. `pressed_at` is when the profile whose key was lost was first to be deleted.
    """

    by: UserId
    user: UserId
    default: bool
    title: str = ""
    ref_id: RefId | None = None
    key: SecretStr | None = None
    networks: tuple[str, ...] = ()
    pressed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an admin is asked to confirm; `accounts` is None where Ayrshare didn't tell in time."""

    pending: PendingId
    title: str
    user: UserId
    default: bool
    accounts: tuple[Account, ...] | None
    others: tuple[UserId, ...]
    mapped_already: bool


@dataclass(frozen=True, slots=True)
class Assigned:
    """A mapping as it is now: whether it is new, and whether its person could be told (None: no need to)."""

    title: str
    user: UserId
    default: bool
    new: bool
    told: bool | None = None


@dataclass(frozen=True, slots=True)
class CreationAttempt:
    """That somebody had Ayrshare asked for a new profile, at a moment in UTC."""

    by: UserId
    at: datetime


@dataclass(frozen=True, slots=True)
class KeyLost:
    """A profile was made, probably by an attempt whose answer was lost; what was wanted waits for a word to start over.

    All moments in UTC; from `look_again_at` on Ayrshare's list can tell whether something has been linked to it by now.
    `too_early` tells that the word was given before that.
    """

    title: str
    made_at: datetime
    attempted_at: datetime
    look_again_at: datetime
    pending: PendingId
    too_early: bool = False
