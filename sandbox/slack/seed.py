"""The users and channels of a new sandbox."""

from typing import Any

from sandbox.slack.conversations import Channel
from sandbox.slack.teams import Organization, Team
from sandbox.slack.users import User, UserGroup
from sandbox.slack.world import AppIdentity, World

TEAM = Team(id="T0CONNECT", domain="connect-demo", name="Connect Demo")
PARTNER = Team(id="T0PARTNER", domain="connect-partner", name="Connect Partner")
ORGANIZATION = Organization(id="E0CONNECT", domain="connect-org", name="Connect Org")
OTHER_TEAMS = (
    Team(id="T0SECOND", domain="connect-second", name="Connect Second"),
    Team(id="T0NORTH", domain="connect-north", name="Connect North", organization=ORGANIZATION),
    Team(id="T0SOUTH", domain="connect-south", name="Connect South", organization=ORGANIZATION),
)
"""Workspaces that may install the app, too: one by itself, two of an organization."""
APP = AppIdentity(app_id="A0CONNECT", bot_id="B0CONNECT", bot_user_id="U0CONNECT")


def seeded_world(team: Team = TEAM) -> World:
    """Return a new workspace with users and channels of every kind.

    Users, groups and channels have the same IDs in each workspace: only together with it are they unique.
    """
    users = {user.id: user for user in (*_members(), *_special_users(), *_bots())}
    channels = {channel.id: channel for channel in (*_channels(), *_private_channels())}
    leads = UserGroup(id="S0SOCIAL1", handle="social-leads", name="Social leads", users=["U0ANA0001", "U0BEN0001"])
    for user in users.values():
        if user.team_id == TEAM.id:
            user.team_id, user.organization = team.id, team.organization
    world = World(team=team, partner=PARTNER, app=APP, users=users, channels=channels, usergroups={leads.id: leads})
    for user in users.values():
        if not user.bot_id and user.team_id == team.id and user.id != "USLACKBOT":
            world.open_dm(user.id)
    return world


def _user(user_id: str, name: str, real_name: str, **more: Any) -> User:
    fields = {"team_id": TEAM.id, "email": f"{name}@connect.example", **more}
    return User(id=user_id, name=name, real_name=real_name, **fields)


def _members() -> list[User]:
    new_york = {"tz": "America/New_York", "tz_label": "Eastern Standard Time", "tz_offset": -18000}
    tokyo = {"tz": "Asia/Tokyo", "tz_label": "Japan Standard Time", "tz_offset": 32400}
    owner = {"is_admin": True, "is_owner": True, "is_primary_owner": True}
    return [
        _user("U0ANA0001", "ana", "Ana Alves", **owner),
        _user("U0BEN0001", "ben", "Ben Brandt"),
        _user("U0CARA001", "cara", "Cara Costa", **new_york),
        _user("U0DAN0001", "dan", "Dan Doan", **tokyo),
        _user("U0EVE0001", "eve", "Eve Ericsson"),
    ]


def _special_users() -> list[User]:
    return [
        _user("U0GUS0001", "gus", "Gus Guest", is_restricted=True),
        _user("U0IDA0001", "ida", "Ida Invited", is_invited_user=True, is_active=False),
        _user("U0LEO0001", "leo", "Leo Left", deleted=True, is_active=False),
        _user("U0ZOE0001", "zoe", "Zoe Zimmer", team_id=PARTNER.id, is_stranger=True),
        _user("U0YARA001", "yara", "Yara Yilmaz", team_id=PARTNER.id),
    ]


def _bots() -> list[User]:
    own = {"is_bot": True, "bot_id": APP.bot_id, "api_app_id": APP.app_id, "email": ""}
    other = {"is_bot": True, "bot_id": "B0ROBO001", "api_app_id": "A0ROBO001", "email": ""}
    return [
        _user(APP.bot_user_id, "connectbot", "connectbot", **own),
        _user("U0ROBO001", "robo", "Robo", **other),
        _user("USLACKBOT", "slackbot", "Slackbot", email=""),
    ]


def _channels() -> list[Channel]:
    members = ["U0ANA0001", "U0BEN0001", "U0CARA001", "U0DAN0001", "U0EVE0001", "U0GUS0001"]
    return [
        Channel(id="C0GENERAL", name="general", members=[*members, "U0ROBO001", APP.bot_user_id]),
        Channel(id="C0RANDOM1", name="random", members=[*members]),
        Channel(id="C0PARTNER", name="partners", members=["U0ANA0001", "U0YARA001", "U0ZOE0001"], is_ext_shared=True),
    ]


def _private_channels() -> list[Channel]:
    three = ["U0ANA0001", "U0BEN0001", "U0CARA001"]
    return [
        Channel(id="C0SECRET1", name="secret-plans", kind="group", members=["U0ANA0001", "U0BEN0001"]),
        Channel(id="D0ANABEN1", kind="im", members=["U0ANA0001", "U0BEN0001"]),
        Channel(id="G0TRIO001", name="mpdm-ana--ben--cara-1", kind="mpim", members=three),
    ]
