"""The metadata of the app's messages, which people don't see: https://docs.slack.dev/messaging/message-metadata."""

import json
import re
from dataclasses import dataclass
from typing import Final

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments

MAX_CHARACTERS: Final = 8_000
"""An assumption, in characters of JSON: that there is a limit is documented, the limit is not."""
EVENT_TYPE = re.compile(r"[A-Za-z0-9_-]+")
BAD_SCHEMA = "invalid_metadata_schema"


@dataclass(frozen=True)
class Metadata:
    """The metadata of a call; `value` is None if there is nothing to attach, `given` is whether to replace the old.

    `warnings` are the errors for which Slack accepts a message without its metadata.
    """

    value: Json | None = None
    given: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def warning_fields(self) -> Json:
        """The fields of the response that contain the warnings."""
        if not self.warnings:
            return {}
        return {"warning": ",".join(self.warnings), "response_metadata": {"warnings": list(self.warnings)}}


def read_metadata(arguments: Arguments) -> Metadata:
    """Read a message's metadata; an invalid event type is a warning. Raises ErrorResponse."""
    if "metadata" not in arguments:
        return Metadata()
    value = arguments.structure("metadata", malformed="invalid_metadata_format")
    if not value:
        return Metadata(given=True)
    if not isinstance(value, dict):
        raise ErrorResponse("invalid_metadata_format")
    event_type, payload = value.get("event_type"), value.get("event_payload")
    if not isinstance(event_type, str) or not isinstance(payload, dict):
        raise ErrorResponse(BAD_SCHEMA)
    if len(json.dumps(value)) > MAX_CHARACTERS:
        raise ErrorResponse("metadata_too_large")
    if not EVENT_TYPE.fullmatch(event_type):
        return Metadata(warnings=(BAD_SCHEMA,))
    return Metadata({"event_type": event_type, "event_payload": payload}, given=True)
