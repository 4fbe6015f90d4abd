"""The users, groups and channels of the workspace."""

from dataclasses import dataclass, field

from sandbox.slack.api_types import ActionUnavailable
from sandbox.slack.conversations import Channel
from sandbox.slack.teams import Team
from sandbox.slack.users import User, UserGroup


@dataclass(frozen=True)
class AppIdentity:
    """The IDs of the installed app."""

    app_id: str
    bot_id: str
    bot_user_id: str


@dataclass(kw_only=True, eq=False)
class World:
    """The users, groups and channels by ID; a test may change all of them at any time.

    `partner` is the workspace of another organization, with which a channel is shared.
    """

    team: Team
    partner: Team
    app: AppIdentity
    users: dict[str, User]
    channels: dict[str, Channel]
    usergroups: dict[str, UserGroup] = field(default_factory=dict)

    @property
    def teams(self) -> dict[str, Team]:
        """Our own workspace and the one with which a channel is shared, by ID."""
        return {team.id: team for team in (self.team, self.partner)}

    def user(self, who: str) -> User:
        """Return a user by ID or handle; raises ActionUnavailable."""
        handle = who.removeprefix("@")
        user = self.users.get(handle) or next((user for user in self.users.values() if user.name == handle), None)
        if user is None:
            raise ActionUnavailable(f"there is no user {who!r}")
        return user

    def channel(self, where: str) -> Channel:
        """Return a channel by ID or name; raises ActionUnavailable."""
        channel = self.find_channel(where)
        if channel is None:
            raise ActionUnavailable(f"there is no channel {where!r}")
        return channel

    def find_channel(self, where: str) -> Channel | None:
        """Return a channel by ID or name, if there is one; not every channel has a name."""
        name = where.removeprefix("#")
        named = (channel for channel in self.channels.values() if name and channel.name == name)
        return self.channels.get(name) or next(named, None)

    def group(self, handle: str) -> UserGroup | None:
        """Return the user group with that handle, if there is one."""
        return next((group for group in self.usergroups.values() if group.handle == handle), None)

    def dm(self, user_id: str) -> Channel | None:
        """Return a user's DM with the app, if there is one."""
        return self.channels.get(_dm_id(user_id))

    def dm_of(self, who: str) -> str:
        """Return the channel ID of a user's DM with the app, by the user's ID or handle."""
        return self.open_dm(self.user(who).id).id

    def open_dm(self, user_id: str) -> Channel:
        """Return a user's DM with the app; open it if there is none."""
        if (dm := self.dm(user_id)) is not None:
            return dm
        dm = Channel(id=_dm_id(user_id), kind="im", members=[user_id, self.app.bot_user_id])
        self.channels[dm.id] = dm
        return dm


def _dm_id(user_id: str) -> str:
    return "D" + user_id[1:]
