"""The frames of Socket Mode, read and written: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import json
from dataclasses import dataclass
from typing import Any

from slack_bolt.response import BoltResponse


@dataclass(frozen=True, slots=True)
class Hello:
    """The first frame on a socket."""


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Slack is going to close the socket, or asks for it to be replaced."""

    reason: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """A command, an interaction or an event, to be acknowledged by its id on the socket that it came on."""

    id: str
    payload: dict[str, Any]
    accepts_payload: bool


class UnreadableFrame(Exception):
    """A frame in none of Slack's forms; its text is one word for the log."""


def read_frame(raw: str | bytes) -> Hello | Disconnect | Envelope:
    """Read one frame; raise UnreadableFrame."""
    try:
        frame = json.loads(raw)
    except (ValueError, RecursionError):
        raise UnreadableFrame("not_json") from None
    if not isinstance(frame, dict):
        raise UnreadableFrame("not_an_object")
    match frame:
        case {"type": "hello"}:
            return Hello()
        case {"type": "disconnect"}:
            return Disconnect(str(frame.get("reason")))
        case {"envelope_id": str(id_)} if id_:
            payload = frame.get("payload")
        case _:
            raise UnreadableFrame("no_envelope_id")
    if not isinstance(payload, dict):
        raise UnreadableFrame("no_payload")
    return Envelope(id_, payload, frame.get("accepts_response_payload") is True)


def acknowledgement(envelope: Envelope, answer: BoltResponse) -> str:
    """Write the frame that acknowledges an envelope, with the answer's body where Slack takes one."""
    frame: dict[str, Any] = {"envelope_id": envelope.id}
    if envelope.accepts_payload and answer.body:
        is_json = any(kind.startswith("application/json") for kind in answer.headers.get("content-type", ()))
        frame["payload"] = json.loads(answer.body) if is_json else {"text": answer.body}
    return json.dumps(frame)
