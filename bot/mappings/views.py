"""What admins read when people ask for a profile."""

from collections.abc import Sequence

from bot.core.model import Block, Message, UserId
from bot.slack.actions import MAP_A_PROFILE
from bot.slack.blocks import button, context, section

ASKERS_WITH_A_BUTTON = 40
"""A message holds 50 blocks."""


def asked_for_profiles(askers: Sequence[UserId], *, command: str) -> Message:
    """Tell an admin who would like to have a profile, each with a button to map one; several share one message."""
    people = ", ".join(f"<@{user}>" for user in askers)
    text = f"No Ayrshare profile is mapped to {people} yet, and they ask for one."
    rows = [_asker(user) for user in askers[:ASKERS_WITH_A_BUTTON]]
    return Message(text=text, blocks=(section(text), *rows, context(f"`{command} map @someone` does the same.")))


def _asker(user: UserId) -> Block:
    return section(f"<@{user}>") | {"accessory": button(MAP_A_PROFILE, user)}
