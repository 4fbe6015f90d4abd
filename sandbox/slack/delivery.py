"""What Slack delivers to the app, how the app acknowledges it, and what the person sees of that.

`http_delivery.py` and `socket_delivery.py` are the two transports.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sandbox.slack.api_types import Json


class DeliveryKind(StrEnum):
    """The kinds of payloads, with the names that Socket Mode's envelopes use."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True)
class Acknowledgement:
    """The app's response; `failure` is empty or Slack's name for what went wrong, `ms` is how long it took."""

    failure: str
    ms: int
    status: int = 0
    content_type: str = ""
    body: str = ""
    no_retry: bool = False


@dataclass(frozen=True)
class RetryAttempt:
    """A repeated delivery: its number, from 1, and the failure of the attempt before."""

    number: int
    failure: str


class Delivery(Protocol):
    """A transport to the app."""

    async def deliver(self, kind: DeliveryKind, payload: Json, *, retry: RetryAttempt | None = None) -> Acknowledgement:
        """Send a payload and wait for its acknowledgement."""
        ...


@dataclass
class ActionResult:
    """What a person sees after an action.

    `error` is what the client shows when the acknowledgement failed, `opens` the URL that the browser opens, `errors`
    are the errors of a modal's fields by block ID.
    """

    error: str = ""
    ack_ms: int = 0
    opens: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return not (self.error or self.errors)

    def as_json(self) -> Json:
        """Return the result as JSON, with `None` for what doesn't apply."""
        return {
            "ok": self.ok,
            "error": self.error or None,
            "errors": self.errors,
            "opens": self.opens or None,
            "ack_ms": self.ack_ms,
        }
