"""The frames of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from sandbox.slack.api_types import Json
from sandbox.slack.delivery import Again, Answer, Kind

HOST = "applink-local"
ANSWERED = frozenset({"view_submission", "block_suggestion"})
"""The interactions whose acknowledgement may carry a payload; a command's may, too."""


def hello(app_id: str, *, connections: int, started: datetime, life: timedelta) -> Json:
    """Return the first frame of a socket."""
    debug_info = {
        "host": HOST,
        "started": f"{started:%Y-%m-%d %H:%M:%S}.{started.microsecond // 1000:03d}",
        "build_number": 1,
        "approximate_connection_time": int(life.total_seconds()),
    }
    counted = {"num_connections": connections, "connection_info": {"app_id": app_id}}
    return {"type": "hello", **counted, "debug_info": debug_info}


def disconnect(reason: str) -> Json:
    """Return the frame that announces the end of a socket."""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}


def enveloped(kind: Kind, payload: Json, again: Again | None) -> Json:
    """Wrap a payload; events tell which attempt this is, and why, as 0 and an empty string the first time."""
    envelope: Json = {
        "envelope_id": str(uuid.uuid4()),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind is Kind.COMMAND or payload.get("type") in ANSWERED,
    }
    if kind is Kind.EVENT:
        envelope |= {"retry_attempt": again.number if again else 0, "retry_reason": "timeout" if again else ""}
    return envelope


def read_acknowledgement(text: str | bytes) -> tuple[str, Json]:
    """Return the id of the envelope, empty for what acknowledges none, and the whole frame."""
    try:
        frame: Any = json.loads(text)
        return str(frame["envelope_id"]), frame
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", {}


def acknowledged(payload: Any, *, ms: int) -> Answer:
    """Read an acknowledgement's payload as the body that it would be over HTTP."""
    if payload is None:
        return Answer("", ms)
    if isinstance(payload, str):
        return Answer("", ms, content_type="text/plain", body=payload)
    return Answer("", ms, content_type="application/json", body=json.dumps(payload))
