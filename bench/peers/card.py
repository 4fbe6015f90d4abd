"""The card that the Python peers post."""

from typing import Any


def card(link: str) -> list[dict[str, Any]]:
    """Return the blocks of a card with a button that opens the link."""
    button = {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": link, "action_id": "open"}
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": "Your link:"}},
        {"type": "actions", "elements": [button]},
    ]
