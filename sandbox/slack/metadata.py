"""What an app attaches to its messages, unseen by people: https://docs.slack.dev/messaging/message-metadata."""

import json
import re
from dataclasses import dataclass
from typing import Final

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments

MOST: Final = 8_000
"""A guess, in characters of JSON: that there is a limit is documented, which one is not."""
EVENT_TYPE = re.compile(r"[A-Za-z0-9_-]+")
BAD_SCHEMA = "invalid_metadata_schema"


@dataclass(frozen=True)
class Metadata:
    """What was given: `value` is None where there is nothing to attach, `given` tells whether to detach then.

    `warnings` are the words with which Slack takes a message but not its metadata.
    """

    value: Json | None = None
    given: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def told(self) -> Json:
        """Return what the answer says about it."""
        if not self.warnings:
            return {}
        return {"warning": ",".join(self.warnings), "response_metadata": {"warnings": list(self.warnings)}}


def read_metadata(given: Arguments) -> Metadata:
    """Read a message's metadata; raises Refusal. With an event type of other characters it is left out."""
    if "metadata" not in given:
        return Metadata()
    value = given.structure("metadata", malformed="invalid_metadata_format")
    if not value:
        return Metadata(given=True)
    if not isinstance(value, dict):
        raise Refusal("invalid_metadata_format")
    event_type, payload = value.get("event_type"), value.get("event_payload")
    if not isinstance(event_type, str) or not isinstance(payload, dict):
        raise Refusal(BAD_SCHEMA)
    if len(json.dumps(value)) > MOST:
        raise Refusal("metadata_too_large")
    if not EVENT_TYPE.fullmatch(event_type):
        return Metadata(warnings=(BAD_SCHEMA,))
    return Metadata({"event_type": event_type, "event_payload": payload}, given=True)
