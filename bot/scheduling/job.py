"""What can be due later: what is to be done, and on which thing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobName(StrEnum):
    """What is to be done. The first part is done at its moment, the second waits for its turn at `chat.update`."""

    TICK = "tick"
    """A card in a window, or behind a `response_url`: redraw the time left, or look what got linked."""
    END = "end"
    """The same card's link has died."""
    INVITE = "invite"
    """An invitation is to be delivered, or delivered again: at once, after a reminder, after a crash."""
    SEND = "send"
    """The next slice of a `send @group`."""
    NEWS = "news"
    """What there is to tell somebody whose accounts fell off."""
    SWEEP = "sweep"
    """The next slice of the daily look at all profiles."""

    CARD_TICK = "card_tick"
    """A card in a direct message: look what got linked, and redraw it."""
    CARD_END = "card_end"
    """The same card's link has died."""
    EARLIER = "earlier"
    """That an invitation was sent again, on its message before."""
    RECEIPT = "receipt"
    """What became of an invitation, in the sender's direct message."""
    PROGRESS = "progress"
    """How far a `send @group` is, in the sender's direct message."""


RATE_LIMITED_JOBS = frozenset({JobName.CARD_TICK, JobName.CARD_END, JobName.EARLIER, JobName.RECEIPT, JobName.PROGRESS})
"""What is drawn by `chat.update`, of which Slack takes 50 a minute and workspace."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to be done on one thing: a card, an invitation, a person."""

    name: JobName
    id: str


@dataclass(frozen=True, slots=True)
class LeasedJob:
    """An errand that is due, since when (UTC), and until when it is leased, as the store writes it."""

    job: Job
    due: datetime
    lease: float
