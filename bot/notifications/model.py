"""What people are told of their accounts without having asked, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.ayrshare.model import Account
from bot.core.model import RefId
from bot.scheduling.job import JobName

SEND_DIGEST = JobName("send_digest")
"""Tell one person what changed about their accounts."""
NO_PROFILE = RefId("")
SAME_DAY = timedelta(days=2)
"""Two moments this close mean the same deadline: Ayrshare tells whole days, counted from the moment of asking."""
LONG_TOLD = timedelta(days=14)
"""After which a warning without a date may be given again, if the network was in order meanwhile."""


class AlertKind(StrEnum):
    """What happened: the first two to a network, and its people hear of it; the others are for admins."""

    LOST = "lost"
    EXPIRING = "expiring"
    STALE = "stale"
    API_KEY = "api_key"


FOR_ADMINS = frozenset({AlertKind.STALE, AlertKind.API_KEY})


@dataclass(frozen=True, slots=True)
class Alert:
    """One piece of news; moments are UTC. `by` is when the network wants a new sign-in, `why` are Ayrshare's words."""

    kind: AlertKind
    at: datetime
    ref_id: RefId = NO_PROFILE
    network: str = ""
    name: str = ""
    why: str = ""
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """That something was news at a moment, and with which deadline (UTC)."""

    at: datetime
    by: datetime | None = None


Subject = tuple[AlertKind, str]
"""What happened, and to which of a profile's networks."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is known of a profile: the networks that were linked, with whose account, and what was news of it."""

    linked: Mapping[str, str] = field(default_factory=dict)
    told: Mapping[Subject, AlertRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is told somebody in one message; the mark is the same however often that is tried."""

    mark: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class ProfileNews:
    """What happened to one profile of somebody's."""

    ref_id: RefId
    title: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class News:
    """What a message tells: of somebody's profiles, and, to an admin, of stale ones by title and of the API key."""

    profiles: tuple[ProfileNews, ...] = ()
    stale: tuple[str, ...] = ()
    bad_api_key: bool = False


def is_over(what: AlertKind, told: AlertRecord, account: Account | None, *, now: datetime) -> bool:
    """Whether what was told of a network no longer holds, so that the next time would be news."""
    if what is AlertKind.LOST:
        return account is not None and not account.needs_attention
    if account is None:
        return True
    if told.by is not None and account.refresh_by is not None:
        return account.refresh_by > told.by + SAME_DAY
    return not account.needs_attention and now > (told.by or told.at + LONG_TOLD)
