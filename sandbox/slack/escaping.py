"""What Slack makes of typed text before an app gets it.

https://docs.slack.dev/interactivity/implementing-slash-commands, "Escape channels, users, and links".
"""

import re

from sandbox.slack.api_types import Impossible
from sandbox.slack.users import User
from sandbox.slack.world import World

TOKEN = re.compile(r"https?://[^\s<>|]+|(?<![\w.])[@#][\w.-]+")
EVERYBODY = frozenset({"here", "channel", "everyone"})
"""Words of Slack's own, which no person and no group can have as a handle."""


def escaped(text: str, *, world: World, typist: User) -> str:
    """Return the text with mentions, channels and addresses marked up and `&`, `<`, `>` as entities."""
    pieces, end = [], 0
    for match in TOKEN.finditer(text):
        pieces += [entities(text[end : match.start()]), _marked(match.group(), world=world, typist=typist)]
        end = match.end()
    return "".join([*pieces, entities(text[end:])])


def entities(text: str) -> str:
    """Return text with the three characters that carry meaning escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _marked(token: str, *, world: World, typist: User) -> str:
    name = token.rstrip(".,;:!?)")
    rest = entities(token[len(name) :])
    if name.startswith("@"):
        return _mention(name[1:], world=world) + rest
    if name.startswith("#"):
        return _channel(name[1:], world=world, typist=typist) + rest
    return f"<{entities(name)}>{rest}"


def _mention(handle: str, *, world: World) -> str:
    known = handle.lower()
    if known in EVERYBODY:
        return f"<!{known}>"
    if group := world.group(known):
        return f"<!subteam^{group.id}|@{group.handle}>"
    for user in world.users.values():
        if known == user.name:
            return f"<@{user.id}|{user.name}>"
    return f"@{handle}"


def _channel(name: str, *, world: World, typist: User) -> str:
    try:
        channel = world.channel(name.lower())
    except Impossible:
        return f"#{name}"
    if channel.is_private and typist.id not in channel.members:
        return f"#{name}"
    return f"<#{channel.id}|{'' if channel.is_private else channel.name}>"
