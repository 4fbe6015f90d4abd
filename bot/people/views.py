"""What a person reads who may not see a link."""

from bot.core.model import Message, UserId
from bot.slack.blocks.actions import SEND_TO
from bot.slack.blocks.elements import actions, button
from bot.slack.blocks.text import section


def not_theirs(text: str, *, owner: UserId) -> Message:
    """Say that a link is somebody else's to open, and offer to ask them."""
    return Message(
        text=text, blocks=(section(text), actions("send", button("Send it to them", SEND_TO, owner, style="primary")))
    )
