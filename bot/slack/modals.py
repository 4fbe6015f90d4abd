"""The modals that several things share."""

from bot.core.model import Message
from bot.slack.modal import Modal
from bot.slack.text import section

TITLE = "connectbot"


def notice(text: str, *, title: str = TITLE) -> Modal:
    """Say one thing in a window."""
    return Modal(title=title, blocks=(section(text),))


def showing(message: Message, *, title: str = TITLE) -> Modal:
    """Show in a window what is a message elsewhere."""
    return Modal(title=title, blocks=message.blocks)


def loading(*, title: str = TITLE) -> Modal:
    """Hold the place while something is being asked: a trigger is good for three seconds only."""
    return notice("One moment…", title=title)
