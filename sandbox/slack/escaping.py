"""How Slack escapes typed text before an app gets it.

https://docs.slack.dev/interactivity/implementing-slash-commands, "Escape channels, users, and links".
"""

import re

from sandbox.slack.api_types import ActionUnavailable
from sandbox.slack.users import User
from sandbox.slack.world import World

TOKEN = re.compile(
    r"https?://[^\s<>|]+|(?<![\w.])[@#][\w.-]+|(?<![\w.@/-])(?:[\w-]+\.)+(?:com|de|io|net|org)\b(?![\w.-]*@)"
)
"""Also a host's name alone, of which Slack makes `<http://acme.com|acme.com>`; of a few top-level domains here."""
CODE = re.compile(r"```.+?```|`[^`\n]+`", re.DOTALL)
RESERVED_HANDLES = frozenset({"here", "channel", "everyone"})
"""Slack's own mentions, which can't be the handle of a user or a group."""


def escape_text(text: str, *, world: World, author: User) -> str:
    """Return the text with mentions, channels and URLs marked up and `&`, `<`, `>` as entities."""
    pieces, end = [], 0
    for match in TOKEN.finditer(text):
        pieces += [escape_entities(text[end : match.start()]), _escape_token(match.group(), world=world, author=author)]
        end = match.end()
    return "".join([*pieces, escape_entities(text[end:])])


def escape_message(text: str, *, world: World, author: User) -> str:
    """Escape a message's text, except that mentions and URLs within code stay as they were typed."""
    pieces, end = [], 0
    for code in CODE.finditer(text):
        pieces += [escape_text(text[end : code.start()], world=world, author=author), escape_entities(code.group())]
        end = code.end()
    return "".join([*pieces, escape_text(text[end:], world=world, author=author)])


def escape_entities(text: str) -> str:
    """Return the text with `&`, `<`, `>` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escape_token(token: str, *, world: World, author: User) -> str:
    name = token.rstrip(".,;:!?)")
    rest = escape_entities(token[len(name) :])
    if name.startswith("@"):
        return _mention(name[1:], world=world) + rest
    if name.startswith("#"):
        return _channel(name[1:], world=world, author=author) + rest
    if "://" not in name:
        return f"<http://{name}|{name}>{rest}"
    return f"<{escape_entities(name)}>{rest}"


def _mention(typed: str, *, world: World) -> str:
    handle = typed.lower()
    if handle in RESERVED_HANDLES:
        return f"<!{handle}>"
    if group := world.group(handle):
        return f"<!subteam^{group.id}|@{group.handle}>"
    for user in world.users.values():
        if handle == user.name:
            return f"<@{user.id}|{user.name}>"
    return f"@{typed}"


def _channel(name: str, *, world: World, author: User) -> str:
    try:
        channel = world.channel(name.lower())
    except ActionUnavailable:
        return f"#{name}"
    if channel.is_private and author.id not in channel.members:
        return f"#{name}"
    return f"<#{channel.id}|{'' if channel.is_private else channel.name}>"
