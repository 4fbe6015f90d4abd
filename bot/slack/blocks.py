"""The elements of Block Kit that several views share: plain text, things to choose, buttons.

https://docs.slack.dev/reference/block-kit/block-elements
"""

from bot.core.model import Block
from bot.slack.text import shortened

MOST_OPTIONS = 100
OPTION_LIMIT = 75
LABEL_LIMIT = 75


def plain(text: str) -> Block:
    """Draw plain text."""
    return {"type": "plain_text", "text": text, "emoji": False}


def option(label: str, value: str) -> Block:
    """Draw something to choose."""
    return {"text": plain(shortened(label, limit=OPTION_LIMIT)), "value": value}


def button(label: str, action: str, value: str = "", *, spoken: str = "", style: str = "") -> Block:
    """Draw a button; `spoken` is what screen readers say in place of its label."""
    drawn: Block = {"type": "button", "action_id": action, "text": plain(label)}
    more = {"value": value, "accessibility_label": shortened(spoken, limit=LABEL_LIMIT), "style": style}
    return drawn | {name: given for name, given in more.items() if given}


def actions(block_id: str, *elements: Block) -> Block:
    """Draw a row of buttons and selects."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}
