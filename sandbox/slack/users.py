"""Users, bots and user groups, and how Slack describes them to an app."""

from dataclasses import dataclass, field

from sandbox.slack.api_types import Json
from sandbox.slack.teams import Organization

FLAGS = (
    "deleted",
    "is_bot",
    "is_app_user",
    "is_admin",
    "is_owner",
    "is_primary_owner",
    "is_restricted",
    "is_ultra_restricted",
    "is_invited_user",
    "is_stranger",
)
ROLES = ("is_admin", "is_owner", "is_primary_owner", "is_restricted", "is_ultra_restricted")


@dataclass(kw_only=True, eq=False)
class User:
    """A person or a bot; `name` is the handle, `tz_offset` is in seconds, `is_active` is whether a client is open.

    `organization` is the one that they belong to, and `workspaces` those of its workspaces that they are in besides
    `team_id`.
    """

    id: str
    name: str
    real_name: str
    team_id: str
    email: str = ""
    tz: str = "Europe/Berlin"
    tz_label: str = "Central European Time"
    tz_offset: int = 3600
    deleted: bool = False
    is_bot: bool = False
    is_app_user: bool = False
    is_admin: bool = False
    is_owner: bool = False
    is_primary_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_invited_user: bool = False
    is_stranger: bool = False
    is_active: bool = True
    bot_id: str = ""
    api_app_id: str = ""
    organization: Organization | None = None
    workspaces: list[str] = field(default_factory=list)

    @property
    def can_sign_in(self) -> bool:
        """Whether the user can have an open client at all."""
        return not (self.deleted or self.is_invited_user)

    @property
    def flags(self) -> dict[str, bool]:
        """All flags by name, also those that Slack leaves out."""
        return {flag: getattr(self, flag) for flag in FLAGS}

    def as_json(self, *, home_team: str, with_email: bool) -> Json:
        """Return the user object of https://docs.slack.dev/reference/objects/user-object.

        Slack leaves fields out rather than sending them empty: a deactivated user has neither roles nor a time zone,
        a user of another organization has no roles and no email.
        """
        external = self.team_id != home_team
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.deleted,
            "profile": self._profile(with_email=with_email and not external),
            "is_bot": self.is_bot,
            "is_app_user": self.is_app_user,
            "updated": 1767225600,
        }
        if self.organization:
            user["enterprise_user"] = {
                "id": self.id,
                "enterprise_id": self.organization.id,
                "enterprise_name": self.organization.name,
                "is_admin": False,
                "is_owner": False,
                "teams": [self.team_id, *self.workspaces],
            }
        if self.deleted:
            return user
        user |= {"color": "9f69e7", "real_name": self.real_name, "is_email_confirmed": True}
        user |= {"tz": self.tz, "tz_label": self.tz_label, "tz_offset": self.tz_offset}
        if not external:
            user |= {role: getattr(self, role) for role in ROLES}
        return user | {flag: True for flag in ("is_invited_user", "is_stranger") if getattr(self, flag)}

    def _profile(self, *, with_email: bool) -> Json:
        profile = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.name,
            "display_name_normalized": self.name,
            "avatar_hash": "g" + self.id[-10:].lower(),
            "team": self.team_id,
        }
        if self.email and with_email:
            profile["email"] = self.email
        if self.bot_id:
            profile |= {"bot_id": self.bot_id, "api_app_id": self.api_app_id}
        return profile


@dataclass(kw_only=True, eq=False)
class UserGroup:
    """A group of users that can be mentioned."""

    id: str
    handle: str
    name: str
    users: list[str]
    is_disabled: bool = False

    def as_json(self, *, team_id: str, with_users: bool) -> Json:
        """Return the usergroup object of https://docs.slack.dev/reference/objects/usergroup-object."""
        group = {
            "id": self.id,
            "team_id": team_id,
            "is_usergroup": True,
            "name": self.name,
            "description": "",
            "handle": self.handle,
            "is_external": False,
            "date_delete": 1767225600 if self.is_disabled else 0,
            "user_count": len(self.users),
        }
        return group | ({"users": self.users} if with_users else {})
