"""The seam between what happens in the workspace and how the app is told."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sandbox.slack.api_types import Json


class Kind(StrEnum):
    """What is delivered, by the names that Socket Mode's envelopes use."""

    COMMAND = "slash_commands"
    INTERACTION = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True)
class Answer:
    """The acknowledgement: `failure` is empty or Slack's word for what went wrong, `ms` how long it took."""

    failure: str
    ms: int
    status: int = 0
    content_type: str = ""
    body: str = ""
    no_retry: bool = False


@dataclass(frozen=True)
class Again:
    """A repeated delivery: the how many-th time, from 1, and the failure before it."""

    number: int
    failure: str


class Delivery(Protocol):
    """A way to the app."""

    async def deliver(self, kind: Kind, payload: Json, *, again: Again | None = None) -> Answer:
        """Send a payload and wait for its acknowledgement."""
        ...
