"""How often colleagues may be asked, how long a request waits for an answer, and a request as values.

An `Invitation` asks one person; a `GroupRequest` stands for the invitations of several people, or of a user group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, NewType

from pydantic import Field

from bot.ayrshare.model import Account
from bot.core.model import RefId, TeamId, UserId
from bot.scheduling.job import Job, JobName
from bot.slack.model import MessageRef

SECOND, HOUR, DAY, WEEK = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)

DELIVER_INVITATION = JobName("deliver_invitation")
"""Deliver an invitation, or deliver it again: at once, when it was postponed, after a crash."""
MARK_RESENT = JobName("mark_resent")
"""Say on an invitation's earlier message that it was sent again, by `chat.update`."""
DRAW_RECEIPT = JobName("draw_receipt")
"""Redraw the sender's message with the invitation's outcome, by `chat.update`."""
SEND_GROUP_REQUEST = JobName("send_group_request")
"""Ask the next members of the group."""
DRAW_PROGRESS = JobName("draw_progress")
"""Redraw the sender's message with the progress of a group request, by `chat.update`."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` new invitations within any `window`."""

    count: int
    window: timedelta


SENDER_LIMIT = Limit(5, HOUR)
"""For one sender, who can name as many people at once; the members of a user group don't count."""
WORKSPACE_LIMIT = Limit(1000, DAY)
"""For all senders of a workspace together."""
RECIPIENT_PAUSE = DAY
"""Between two invitations to one person; besides, only one at a time may wait for their answer about a profile."""
NUDGE_PAUSE = DAY
"""Between two nudges that one person gets, whoever sends them."""
NOTE_LIMIT = 300
"""Characters of a note."""

ANSWER_TIME = WEEK
"""How long an invitation waits for an answer, from each delivery on."""
RECORD_LIFE = timedelta(days=30)
"""How long Redis keeps an invitation or a group request after its last change."""
DELIVERY_TIMEOUT = HOUR
"""How long delivery is retried before its sender is told; what is delivered later than this says so."""
POSTPONED_BY = HOUR
POSTPONED_TO = time(9)
"""The recipient's own time at which a request that was postponed to a later day is delivered again."""

GROUP_INTERVAL = SECOND
"""From one member's message to the next, for all group requests of a workspace together.

https://docs.slack.dev/apis/web-api/rate-limits
"""
GROUP_SLICE = timedelta(seconds=5)
"""How long one job asks members before another continues: the process may be stopped, or die."""
GROUP_CHECKED = timedelta(seconds=10)
"""How old may be what is known of the group when more of it are asked; Slack tells it 20 times a minute."""
GROUP_LOOKAHEAD = timedelta(seconds=2)
"""The longest wait for a slot that a job sits out; for a longer one it ends and is planned again."""
GROUP_SLOT_LIFE = timedelta(minutes=1)
"""How long Redis keeps the newest slot, which by then can't delay the next one."""
PROGRESS_DELAY = timedelta(seconds=10)
"""How long a member's answer waits to be shown together with others: Slack takes 50 `chat.update` calls a minute."""
LONGEST_NUDGE = timedelta(seconds=10)
"""For the exchanges with Redis of one nudge."""
CRASH_RECOVERY = timedelta(seconds=10)
"""When a request is taken up again if the process died between saving it and planning its job."""

PROFILES_CHECKED = 10
"""Of a recipient's profiles: each check costs a call to Ayrshare."""
CHECK_TIMEOUT = timedelta(seconds=2)

CONNECTED = "connected"
"""The outcome of an invitation that got accounts connected, in whatever state it is."""
InvitationId = NewType("InvitationId", str)
GroupRequestId = NewType("GroupRequestId", str)


# The values of these three are stored, and older than some of their names.
class InvitationState(StrEnum):
    """`waiting → delivered → opened`; a delivered or postponed invitation may be delivered again or end otherwise."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    POSTPONED = "postponed"
    OPENED = "opened"
    MUTED = "stopped"
    UNANSWERED = "unanswered"
    FAILED = "failed"

    @property
    def live(self) -> bool:
        """Whether its recipient has yet to answer it."""
        return self in {InvitationState.WAITING, InvitationState.DELIVERED, InvitationState.POSTPONED}


class Failure(StrEnum):
    """Why an invitation could not be delivered."""

    NOT_MAPPED = "not_mapped"
    MUTED = "opted_out"
    DEACTIVATED = "deactivated"
    NOT_SERVED = "not_served"
    CANT_BE_MESSAGED = "cant_be_messaged"
    UNREADABLE = "unreadable"
    SLACK_AWAY = "slack_away"
    NO_MESSAGES = "no_messages"
    UNEXPECTED = "broken"


class SkipReason(StrEnum):
    """Why no invitation was made for one of several people, besides the failures above.

    NUDGED: an earlier one was sent again.
    """

    ASKED_ALREADY = "asked_already"
    NUDGED = "nudged"
    CAPPED = "capped"
    UNEXPECTED = "broken"
    ONESELF = "oneself"
    OTHER_PROFILES = "other_profiles"
    SENDER_LIMITED = "sender_limited"
    SENDER_NO_ADMIN = "sender_no_admin"
    SENDER_NOT_SERVED = "sender_not_served"
    GROUP_GONE = "group_gone"
    LEFT_GROUP = "left_group"
    MENDED = "mended"


class Postponement(StrEnum):
    """Until when the recipient postpones a request; the value is part of the option's value in Slack."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    WEEK = "week"


class InvitationLimit(StrEnum):
    """Which limit refuses one more invitation."""

    SENDER = "sender"
    WORKSPACE = "workspace"
    LIVE = "live"
    TODAY = "today"


UNANSWERED = frozenset({InvitationState.DELIVERED, InvitationState.OPENED, InvitationState.UNANSWERED})
"""The outcomes of those who had an invitation and can be nudged."""


@dataclass(frozen=True, slots=True)
class LimitReached:
    """The limit that refuses an invitation, and until when (UTC); None where only an answer ends it."""

    limit: InvitationLimit
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SenderMessage:
    """The message that keeps the sender up to date, and a fingerprint of what it says."""

    message: MessageRef
    fingerprint: Annotated[str, Field(alias="digest")]


@dataclass(frozen=True, slots=True)
class Invitation:
    """A request from `sender` to `recipient` to connect accounts to a profile; moments are aware, in UTC.

    `due_at` is when it is delivered (again), or when it has waited long enough. `message` is the newest of its
    `deliveries`, `connected` the accounts that were connected by any of its links, `receipt` the sender's message.
    `group_request` is set where several people were asked. `version` grows with each change.
    """

    id: InvitationId
    team: TeamId
    sender: UserId
    recipient: UserId
    ref_id: RefId
    title: str
    note: str
    asked_at: datetime
    due_at: datetime
    state: InvitationState = InvitationState.WAITING
    failure: Failure | None = None
    deliveries: int = 0
    delivered_at: datetime | None = None
    answered_at: datetime | None = None
    nudged_at: datetime | None = None
    message: MessageRef | None = None
    connected: tuple[Account, ...] = ()
    receipt: SenderMessage | None = None
    group_request: GroupRequestId | None = None
    version: int = 0

    @property
    def late(self) -> bool:
        """Whether its first delivery took longer than people expect: Redis was away, say, or no worker ran."""
        return self.deliveries == 1 and (self.delivered_at or self.asked_at) - self.asked_at >= DELIVERY_TIMEOUT

    @property
    def asks_at(self) -> tuple[datetime, ...]:
        """When it was delivered last, and when it will be next, if it was and will be."""
        next_at = () if self.state is InvitationState.DELIVERED else (self.due_at,)
        return (*((self.delivered_at,) if self.delivered_at else ()), *next_at)

    @property
    def outcome(self) -> str:
        """Its state in a word, or why it failed, or that accounts were connected."""
        return CONNECTED if self.connected else self.failure or self.state

    @property
    def can_be_nudged(self) -> bool:
        """Whether its recipient had it and has connected nothing, without asking for time or silence."""
        return self.outcome in UNANSWERED

    def asked_long_ago(self, now: datetime) -> bool:
        """Whether its newest delivery is so long ago that its recipient may be asked again."""
        return self.delivered_at is not None and now - self.delivered_at >= RECIPIENT_PAUSE

    @property
    def mark(self) -> str:
        """The key of its next delivery, so that no delivery is posted twice."""
        return f"{self.id}:{self.deliveries + 1}"

    @property
    def delivery_job(self) -> Job:
        """The job that does what is due for it."""
        return Job(DELIVER_INVITATION, self.id)

    @property
    def receipt_job(self) -> Job:
        """The job that redraws the sender's receipt."""
        return Job(DRAW_RECEIPT, self.id)


@dataclass(frozen=True, slots=True)
class GroupRequest:
    """A request from `sender` to several people; `asked_at` in UTC.

    They are the `people`, or all members of the user group, or, with neither, everyone with disconnected accounts.
    `total` counts the members once they are known; `error` is a sentence on why they can't be. `profiles` are those it
    is about; if empty, it is for each person about the one that needs attention. `nudged_at` is when the members who
    hadn't answered were last asked again.
    """

    id: GroupRequestId
    team: TeamId
    sender: UserId
    group: str
    note: str
    asked_at: datetime
    total: int | None = None
    error: str = ""
    people: tuple[UserId, ...] = ()
    profiles: tuple[RefId, ...] = ()
    nudged_at: datetime | None = None

    @property
    def job(self) -> Job:
        """The job that asks its next members."""
        return Job(SEND_GROUP_REQUEST, self.id)

    @property
    def for_disconnected(self) -> bool:
        """Whether it is to everyone with a profile that has disconnected accounts."""
        return not self.people and not self.group

    def invitation_of(self, member: UserId) -> InvitationId:
        """Return the id of a member's invitation, which is the same after a crash."""
        return InvitationId(f"{self.id}-{member}")


@dataclass(frozen=True, slots=True)
class Progress:
    """How many members have each outcome (their invitation's, or why there is none), and how many are left to ask."""

    counts: Mapping[str, int]
    left: int
