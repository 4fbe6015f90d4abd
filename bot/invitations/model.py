"""An invitation as values: somebody asks a colleague to link their accounts, and hears what comes of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.ayrshare.model import Account
from bot.core.model import InvitationId, RefId, TeamId, UserId
from bot.invitations.group.model import GroupRequestId
from bot.scheduling.job import JobName
from bot.slack.model import MessageRef

DELIVER_INVITATION = JobName("deliver_invitation")
"""Deliver an invitation, or deliver it again: at once, after a reminder, after a crash."""
MARK_RESENT = JobName("mark_resent")
"""Say on an invitation's earlier message that it was sent again, by `chat.update`."""
DRAW_RECEIPT = JobName("draw_receipt")
"""Redraw the sender's message with the invitation's outcome, by `chat.update`."""

LONGEST_NOTE = 300
LINKED = "linked"
LIFE = timedelta(days=7)
"""How long it waits for an answer, from each delivery on."""


class InvitationState(StrEnum):
    """`waiting → delivered → opened`; from `delivered` and `postponed` it may come again, or end some other way."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    POSTPONED = "postponed"
    OPENED = "opened"
    STOPPED = "stopped"
    UNANSWERED = "unanswered"
    FAILED = "failed"

    @property
    def live(self) -> bool:
        """Whether its recipient has yet to answer it."""
        return self in {InvitationState.WAITING, InvitationState.DELIVERED, InvitationState.POSTPONED}


class Failure(StrEnum):
    """Why an invitation could not be delivered."""

    NOT_MAPPED = "not_mapped"
    OPTED_OUT = "opted_out"
    DEACTIVATED = "deactivated"
    NOT_SERVED = "not_served"
    CANT_BE_MESSAGED = "cant_be_messaged"
    UNREADABLE = "unreadable"
    SLACK_AWAY = "slack_away"


class Reminder(StrEnum):
    """When somebody wants to be asked again; the words are what a button's value carries."""

    HOUR = "hour"
    TOMORROW = "tomorrow"
    WEEK = "week"


class InvitationLimit(StrEnum):
    """Which limit stands against one more invitation."""

    SENDER = "sender"
    WORKSPACE = "workspace"
    LIVE = "live"
    TODAY = "today"


@dataclass(frozen=True, slots=True)
class LimitReached:
    """That a limit stands against an invitation, and until when (UTC), if only time passes."""

    limit: InvitationLimit
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """That `sender` asks `recipient` to link accounts to a profile; moments are aware, in UTC.

    `due_at` is when there is something to do for it: it is delivered (again), or it has waited long enough. `posted` is
    its newest message, `deliveries` how many there were, `linked` what got linked with any of its links. `receipt` is
    the message that tells the sender, and `told` a digest of what that says. `sending` is the `send @group` that it is
    part of. `version` grows with each change.
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
    message: MessageRef | None = None
    connected: tuple[Account, ...] = ()
    receipt: MessageRef | None = None
    reported: str = ""
    group_request: GroupRequestId | None = None
    version: int = 0

    @property
    def outcome(self) -> str:
        """What became of it, in a word: its state, why it failed, or that something got linked."""
        return LINKED if self.connected else self.failure or self.state

    @property
    def mark(self) -> str:
        """What the message that is to be delivered next is known by."""
        return f"{self.id}:{self.deliveries + 1}"
