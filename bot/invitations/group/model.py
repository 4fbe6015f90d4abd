"""A `send @group` as values: its members are asked one after another, and their sender sees how far that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bot.core.model import TeamId, UserId
from bot.scheduling.job import JobName
from bot.slack.model import MessageRef

GroupRequestId = NewType("GroupRequestId", str)
"""One `send @group`."""

SEND_GROUP_REQUEST = JobName("send_group_request")
"""Ask the next members of the group."""
DRAW_PROGRESS = JobName("draw_progress")
"""Redraw the sender's message with the progress, by `chat.update`."""


class SkipReason(StrEnum):
    """Why a member of the group was not even asked, besides what keeps an invitation from being delivered."""

    ASKED_ALREADY = "asked_already"
    CAPPED = "capped"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class GroupRequest:
    """That `sender` asks all who are in a user group; `asked_at` in UTC.

    `total` is how many they are, once Slack told; `trouble` is a sentence on why it never will.
    """

    id: GroupRequestId
    team: TeamId
    sender: UserId
    group: str
    note: str
    asked_at: datetime
    total: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ProgressMessage:
    """The message that tells the sender, and a digest of what it says."""

    message: MessageRef
    reported: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many members have been dealt with, by what became of them: a state or a failure of their invitation."""

    counts: Mapping[str, int]
    left: int
