"""What is told, the job that tells it, and the limits of a request. No I/O."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.core.errors import ConnectbotError
from bot.core.model import RefId
from bot.scheduling.job import Job, JobName

SEND_EVENT = JobName("send_event")
"""Tell CONNECT_EVENTS_URL of one event; tried again for a day."""

TIMEOUT = timedelta(seconds=5)
SENT_AT_ONCE = 8
"""By one process: a receiver that hangs must not keep the workers from the cards."""
AGAIN = timedelta(seconds=10)
"""When an event is tried again for which there was no place."""
SEPARATOR = ":"
CLIENT_LINK = "client-link-"
"""What stands before the id of a client link, where a card says who issued its link."""


class EventType(StrEnum):
    """What happened."""

    LINK_MADE = "link.made"
    LINK_OPENED = "link.opened"
    ACCOUNT_CONNECTED = "account.connected"
    ACCOUNT_DROPPED = "account.dropped"
    ACCOUNT_RECONNECTED = "account.reconnected"


class EventNotTaken(ConnectbotError):
    """CONNECT_EVENTS_URL didn't answer with success; the worker tries again."""

    kind = "event_not_taken"
    says = "The receiver of events didn't take one."


@dataclass(frozen=True, slots=True)
class Event:
    """One event, at a moment in UTC: about a link, by its card's id and who issued it, or an account, by its network.

    `id` stays the same however often it is sent.
    """

    id: str
    type: EventType
    ref_id: RefId
    about: str
    at: datetime

    @property
    def job(self) -> Job:
        """The job that sends it, in whose id all of it stands: nothing else is stored."""
        parts = (self.id, self.type, self.ref_id, self.about, str(round(self.at.timestamp() * 1000)))
        return Job(SEND_EVENT, SEPARATOR.join(parts))


def new_event(kind: EventType, ref_id: RefId, about: str, *, at: datetime) -> Event:
    """Return an event with an id of its own."""
    return Event(new_id(), kind, ref_id, about, at)


def new_id() -> str:
    """Return the id of a new event."""
    return f"evt_{secrets.token_hex(12)}"


def read_event(job_id: str) -> Event:
    """Read an event out of its job's id."""
    event_id, kind, ref_id, about, at = job_id.split(SEPARATOR, 4)
    return Event(event_id, EventType(kind), RefId(ref_id), about, datetime.fromtimestamp(int(at) / 1000, UTC))
