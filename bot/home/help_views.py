"""The smaller answers: a sentence, the usage, a choice of profiles, what is linked."""

from collections.abc import Iterable

from bot.core.model import Message
from bot.slack.blocks import context, section


def usage(lines: Iterable[tuple[str, str]], *, trouble: str | None = None) -> Message:
    """List what can be typed, as pairs of words and meaning; after a sentence if something was wrong."""
    listed = "\n".join(f"`{typed}`  {meaning}" for typed, meaning in lines)
    shown = f"{trouble}\n\nWhat you can type:\n{listed}" if trouble else f"What you can type:\n{listed}"
    note = "Slack runs no slash commands in threads: type it in the channel or in our direct message."
    return Message(text=shown, blocks=(section(shown), context(note)))
