"""The values that every feature shares: ids, buttons, messages and people. No I/O."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NewType

TeamId = NewType("TeamId", str)
"""A Slack workspace, such as `T0123ABC`."""
UserId = NewType("UserId", str)
"""A Slack person, unique only together with their workspace."""
RefId = NewType("RefId", str)
"""Ayrshare's public name of a profile: 40 hex characters in practice, never a secret."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks for something or looks at it; `home_team` is their own workspace, if Slack's payload named it."""

    team: TeamId
    user: UserId
    home_team: TeamId | None = None


Block = dict[str, Any]
"""One Block Kit block, as it goes over the wire."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button's `action_id` and its label."""

    action_id: str
    label: str


@dataclass(frozen=True, slots=True)
class Message:
    """What a person is shown: blocks, and the sentence that screen readers and notifications get instead."""

    text: str
    blocks: tuple[Block, ...] = ()


class Membership(StrEnum):
    """What a person is to the workspace (https://docs.slack.dev/reference/objects/user-object)."""

    MEMBER = "member"
    GUEST = "guest"
    INVITED = "invited"
    DEACTIVATED = "deactivated"
    BOT = "bot"
    OTHER_ORGANIZATION = "other_organization"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Person:
    """What Slack says about a person, as far as we use it; `zone` is their time zone's IANA name, or empty.

    `name` and `email` are there only where Slack was just asked about this person; `email` is None if the bot lacks the
    scope to see it.
    """

    id: UserId
    membership: Membership
    is_admin: bool = False
    is_primary_owner: bool = False
    zone: str = ""
    email: str | None = ""
    name: str = ""
