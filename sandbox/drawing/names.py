"""The names that stand for ids in texts, and who can be chosen in a select."""

from collections.abc import Mapping
from dataclasses import dataclass, field

USERGROUP, USER, CHANNEL = "!subteam^", "@", "#"
BROADCASTS = frozenset({"!here", "!channel", "!everyone"})


@dataclass(frozen=True)
class Names:
    """Names by id; `people` and `places` are what the viewer can choose, `zone` is where they are."""

    users: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    viewer: str = ""
    zone: str = "UTC"

    def mention(self, token: str, label: str) -> str:
        """Return what stands for `@U…`, `#C…`, `!subteam^S…` or `!here`; empty for another token."""
        if token.startswith(USERGROUP):
            group = token.removeprefix(USERGROUP)
            return "@" + self.groups.get(group, label.removeprefix("@") or group)
        if token.startswith(USER):
            return "@" + self.users.get(token[1:], label or token[1:])
        if token.startswith(CHANNEL):
            return "#" + self.channels.get(token[1:], label or token[1:])
        return "@" + token[1:] if token in BROADCASTS else ""
