"""Who and what is in the workspace."""

from dataclasses import dataclass, field

from sandbox.slack.conversations import Channel
from sandbox.slack.people import User, UserGroup
from sandbox.slack.wire import Impossible


@dataclass(frozen=True)
class Team:
    """A workspace's name tags."""

    id: str
    domain: str
    name: str


@dataclass(frozen=True)
class AppIdentity:
    """The ids that Slack gave the installed app."""

    app_id: str
    bot_id: str
    bot_user_id: str


@dataclass(kw_only=True, eq=False)
class World:
    """The people, groups and conversations, by id; anything may be changed while it runs."""

    team: Team
    app: AppIdentity
    users: dict[str, User]
    channels: dict[str, Channel]
    usergroups: dict[str, UserGroup] = field(default_factory=dict)

    def user(self, who: str) -> User:
        """Return a user by id or handle; raises Impossible."""
        handle = who.removeprefix("@")
        for user in self.users.values():
            if handle in {user.id, user.name}:
                return user
        raise Impossible(f"there is no user {who!r}")

    def channel(self, where: str) -> Channel:
        """Return a conversation by id or name; raises Impossible."""
        name = where.removeprefix("#")
        for channel in self.channels.values():
            if name in {channel.id, channel.name} - {""}:
                return channel
        raise Impossible(f"there is no channel {where!r}")

    def dm(self, user_id: str) -> Channel | None:
        """Return a person's DM with the app, if there is one."""
        pair = {user_id, self.app.bot_user_id}
        return next((c for c in self.channels.values() if c.kind == "im" and set(c.members) == pair), None)

    def dm_of(self, who: str) -> str:
        """Return the channel id of a person's DM with the app, by their id or handle."""
        return self.open_dm(self.user(who).id).id

    def open_dm(self, user_id: str) -> Channel:
        """Return a person's DM with the app, opening it if need be."""
        if (dm := self.dm(user_id)) is not None:
            return dm
        dm = Channel(id="D" + user_id[1:], kind="im", members=[user_id, self.app.bot_user_id])
        self.channels[dm.id] = dm
        return dm
