"""The frames of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from sandbox.slack.api_types import Json
from sandbox.slack.delivery import Acknowledgement, DeliveryKind, RetryAttempt

HOST = "applink-local"
ACCEPT_PAYLOAD = frozenset({"view_submission", "block_suggestion"})
"""The interactions whose acknowledgement may contain a payload; that of a command may contain one too."""


def hello(app_id: str, *, connections: int, started: datetime, lifetime: timedelta) -> Json:
    """Return the first frame of a socket."""
    debug_info = {
        "host": HOST,
        "started": f"{started:%Y-%m-%d %H:%M:%S}.{started.microsecond // 1000:03d}",
        "build_number": 1,
        "approximate_connection_time": int(lifetime.total_seconds()),
    }
    connection = {"num_connections": connections, "connection_info": {"app_id": app_id}}
    return {"type": "hello", **connection, "debug_info": debug_info}


def disconnect(reason: str) -> Json:
    """Return the frame that announces that Slack will close the socket."""
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}


def wrap(kind: DeliveryKind, payload: Json, retry: RetryAttempt | None) -> Json:
    """Wrap a payload in an envelope; that of an event has the retry number and reason, 0 and empty at first."""
    envelope: Json = {
        "envelope_id": str(uuid.uuid4()),
        "type": kind,
        "payload": payload,
        "accepts_response_payload": kind is DeliveryKind.COMMAND or payload.get("type") in ACCEPT_PAYLOAD,
    }
    if kind is DeliveryKind.EVENT:
        envelope |= {"retry_attempt": retry.number if retry else 0, "retry_reason": "timeout" if retry else ""}
    return envelope


def read_acknowledgement(text: str | bytes) -> tuple[str, Json]:
    """Return the ID of the acknowledged envelope, empty if the frame acknowledges none, and the whole frame."""
    try:
        frame: Any = json.loads(text)
        return str(frame["envelope_id"]), frame
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", {}


def read_payload(payload: Any, *, ms: int) -> Acknowledgement:
    """Return the acknowledgement with its payload as the body that it would have over HTTP."""
    if payload is None:
        return Acknowledgement("", ms)
    if isinstance(payload, str):
        return Acknowledgement("", ms, content_type="text/plain", body=payload)
    return Acknowledgement("", ms, content_type="application/json", body=json.dumps(payload))
