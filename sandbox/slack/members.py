"""Adds ordinary members and user groups in any number, for tests under load."""

import re

from sandbox.slack.escaping import RESERVED_HANDLES
from sandbox.slack.users import User, UserGroup
from sandbox.slack.world import World

ID_PREFIX = "U0M"
HANDLE = re.compile(r"[a-z0-9._-]{1,21}")
TIME_ZONES = (
    ("Europe/Berlin", "Central European Time", 3600),
    ("America/New_York", "Eastern Standard Time", -18000),
    ("Asia/Tokyo", "Japan Standard Time", 32400),
    ("America/Los_Angeles", "Pacific Standard Time", -28800),
    ("Asia/Kolkata", "India Standard Time", 19800),
    ("Pacific/Auckland", "New Zealand Daylight Time", 46800),
)
"""The members' time zones in rotation: name, label, offset in seconds in the northern winter."""


def add_members(world: World, count: int) -> list[User]:
    """Add members, numbered after those added before; each is in #general and has a DM with the app."""
    first = 1 + sum(user_id.startswith(ID_PREFIX) for user_id in world.users)
    members = [_member(number, world.team.id) for number in range(first, first + count)]
    for member in members:
        world.users[member.id] = member
        world.open_dm(member.id)
    world.channel("general").members += [member.id for member in members]
    return members


def add_group(world: World, handle: str) -> UserGroup:
    """Add an empty user group; raises ValueError for a handle that is invalid or taken."""
    if handle in RESERVED_HANDLES or not HANDLE.fullmatch(handle):
        raise ValueError(f"a group cannot have the handle {handle!r}")
    if world.group(handle) or any(user.name == handle for user in world.users.values()):
        raise ValueError(f"the handle {handle!r} is taken")
    group = UserGroup(id=f"S0M{len(world.usergroups):05d}", handle=handle, name=handle, users=[])
    world.usergroups[group.id] = group
    return group


def _member(number: int, team_id: str) -> User:
    tz, label, offset = TIME_ZONES[(number - 1) % len(TIME_ZONES)]
    return User(
        id=f"{ID_PREFIX}{number:05d}",
        name=f"m{number}",
        real_name=f"Member {number}",
        team_id=team_id,
        email=f"m{number}@connect.example",
        tz=tz,
        tz_label=label,
        tz_offset=offset,
    )
