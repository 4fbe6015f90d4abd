"""What Slack adds to texts, elements and blocks before it shows them or sends them to the app.

As in the recorded samples of https://github.com/slackapi/java-slack-sdk.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from sandbox.slack.api_types import Json

INTERACTIVE_TYPES = frozenset({"button", "overflow", "checkboxes", "radio_buttons", "icon_button", "feedback_buttons"})
INTERACTIVE_SUFFIXES = ("_select", "picker", "_input")


def blocks_with_defaults(blocks: Sequence[Json]) -> list[Json]:
    """Return a copy of blocks, each with a `block_id` and the defaults of all within."""
    return [{"block_id": _made_up_id(), **with_defaults(block)} for block in blocks]


def with_defaults(node: Any) -> Any:
    """Return a copy of a block, or of a part of one, with the defaults of all within."""
    if isinstance(node, list):
        return [with_defaults(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {name: with_defaults(value) for name, value in node.items()}
    return _defaults(str(node.get("type", ""))) | result


def _defaults(kind: str) -> Json:
    if kind == "plain_text":
        return {"emoji": True}
    if kind == "mrkdwn":
        return {"verbatim": False}
    if kind == "input":
        return {"optional": False, "dispatch_action": False}
    interactive = kind in INTERACTIVE_TYPES or kind.endswith(INTERACTIVE_SUFFIXES)
    return {"action_id": _made_up_id()} if interactive else {}


def _made_up_id() -> str:
    return secrets.token_urlsafe(4)[:5]
