"""Random requests that resemble Slack's more or less."""

import json
import random
from typing import Any
from urllib.parse import urlencode

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
WORDS = (
    *("", "help", "status", "@name", "<@U0ANA0001>", "<@U0ANA0001|ana>", "<@>", "<@U1", "<#C1|x>", "<!here>"),
    *("<!subteam^S1|@x>", "payload", "payload=", "&amp;&lt;", "\u202eevil", "مرحبا", "👩", "\x00", "%00", "a" * 3000),
    *("<@U0BEN0001> acme", "<@U0ANA0001> <@U0BEN0001>", "acme", "*_~`", "{{}}", "'; --", "\ufffd"),
)
TYPES = (
    *("block_actions", "view_submission", "view_closed", "shortcut", "message_action", "block_suggestion"),
    *("interactive_message", "dialog_submission", "event_callback", "url_verification", "app_rate_limited"),
    *("", "nonsense"),
)
ACTIONS = ("open_link", "new_link", "pick_profile", "ask_admin", "unheard_of", "", "🔗")
MOST_BYTES = 400


def body_and_kind(chance: random.Random, answer_to: str) -> tuple[bytes, str]:
    """Return a body and its content type."""
    make = chance.choice((_command, _interaction, _event, _noise))
    body, kind = make(chance, answer_to)
    return (_damaged(chance, body) if chance.random() < 0.3 else body), kind


def webhook(chance: random.Random) -> bytes:
    """Return the body of a webhook that resembles Ayrshare's."""
    event = {
        "action": chance.choice(("social", "suspended", "accountActivity", "scheduled", "", None, 7)),
        "type": chance.choice(("link", "unlink", "refresh", "error", "", None, {})),
        "platform": chance.choice(("tiktok", "instagram", "a" * 300, None, [])),
        "refId": chance.choice(("0" * 40, "x", "", None, 7, "../..")),
        "hookId": _value(chance),
        "title": _value(chance),
        "details": _value(chance),
        "displayNames": chance.choice(([], None, [{}], [{"platform": "tiktok"}], "text")),
    }
    kept = {name: value for name, value in event.items() if chance.random() < 0.85}
    body = json.dumps(chance.choice((kept, [kept], kept, kept))).encode()
    return _damaged(chance, body) if chance.random() < 0.3 else body


def _command(chance: random.Random, answer_to: str) -> tuple[bytes, str]:
    fields = {
        "command": chance.choice(("/connect", "/other", "", "connect")),
        "text": " ".join(chance.choice(WORDS) for _ in range(chance.randrange(4))),
        "team_id": chance.choice(("T0CONNECT", "", "T1")),
        "user_id": chance.choice(("U0BEN0001", "U0NOBODY", "")),
        "trigger_id": str(chance.random()),
        "response_url": chance.choice((answer_to, "", "not an address")),
    }
    kept = {name: value for name, value in fields.items() if chance.random() < 0.9}
    return urlencode(kept, errors="replace").encode(), FORM


def _interaction(chance: random.Random, answer_to: str) -> tuple[bytes, str]:
    action = {
        "type": chance.choice(("button", "static_select", "", "nonsense")),
        "action_id": chance.choice(ACTIONS),
        "block_id": "b",
        "value": _value(chance),
        "selected_option": chance.choice((None, {}, {"value": "U0BEN0001:ref"}, "text")),
    }
    payload: dict[str, Any] = {
        "type": chance.choice(TYPES),
        "team": chance.choice(({"id": "T0CONNECT"}, None, {}, "T0CONNECT")),
        "user": chance.choice(({"id": "U0BEN0001", "team_id": "T0CONNECT"}, {}, None, "U0BEN0001")),
        "actions": chance.choice(([action], [], None, {}, [None], "text")),
        "container": chance.choice(({"message_ts": "1.2", "channel_id": "C1"}, None, "text")),
        "response_url": chance.choice((answer_to, None, 7)),
        "trigger_id": chance.choice((str(chance.random()), None, 7)),
        "view": chance.choice(({"callback_id": "x", "type": "modal"}, {}, None, "text")),
        "callback_id": chance.choice(("x", None, 7)),
    }
    kept = {name: value for name, value in payload.items() if chance.random() < 0.85}
    return urlencode({"payload": json.dumps(chance.choice((kept, [kept], kept, kept)))}).encode(), FORM


def _event(chance: random.Random, _answer_to: str) -> tuple[bytes, str]:
    event = {
        "type": chance.choice(TYPES),
        "team_id": chance.choice(("T0CONNECT", None, 7)),
        "event": chance.choice(({"type": "app_home_opened", "user": "U1"}, {}, None, [], {"type": None}, "text")),
        "event_id": _value(chance),
        "challenge": _value(chance),
        "authorizations": chance.choice(([], None, [{}], "text")),
    }
    return json.dumps({name: value for name, value in event.items() if chance.random() < 0.85}).encode(), JSON


def _noise(chance: random.Random, _answer_to: str) -> tuple[bytes, str]:
    return chance.randbytes(chance.randrange(MOST_BYTES)), chance.choice(
        (FORM, JSON, "text/plain", "multipart/form-data")
    )


def _value(chance: random.Random) -> Any:
    return chance.choice((chance.choice(WORDS), None, 7, [], {}, "x:1", "x:y:z", chance.random()))


def _damaged(chance: random.Random, body: bytes) -> bytes:
    if not body:
        return body
    at = chance.randrange(len(body))
    return chance.choice((body[:at], body[:at] + chance.randbytes(3) + body[at:], body + body, body[::-1]))
