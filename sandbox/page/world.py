"""A snapshot with the questions that drawing asks of it."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from sandbox.drawing import Names, notifies
from sandbox.page.address import ALERTS, APP, HOME, Seat
from sandbox.page.snapshot import Snapshot

Json = dict[str, Any]
NOTES = {"dan": "new here"}
"""What is said of people beside what Slack knows of them."""


class World:
    """One moment of the world; `reads` are the `ts` up to which each person has read each channel.

    `replayed` is, of a recording, how many changes it has and when the last one of this moment was.
    """

    def __init__(
        self, values: Snapshot, reads: dict[tuple[str, str], str], replayed: tuple[int, float] | None = None
    ) -> None:
        self.values, self.replayed = values, replayed
        self.meta: Json = values["meta"]["world"]
        self._reads = reads

    @cached_property
    def people(self) -> list[Json]:
        """Everybody who can sit in front of a client: those with an account, not bots."""
        users = self.values["users"].values()
        return [user for user in users if user["can_sign_in"] and not user["is_bot"] and user["name"] != "slackbot"]

    def person(self, name: str) -> Json | None:
        """Return somebody by their handle, if they can sign in."""
        return next((user for user in self.people if user["name"] == name), None)

    def refused(self, person: str) -> Json:
        """Return what came of the last thing that somebody did: an error, or errors by the blocks of a view."""
        nothing = {"order": 0, "view": "", "error": "", "errors": {}}
        return self.values["refused"].get(person) or nothing

    @property
    def last_done(self) -> int:
        """The `order` of the last thing that anybody did; 0 if there is none, or a recording is played."""
        return 0 if self.replayed else max((one["order"] for one in self.values["refused"].values()), default=0)

    def note(self, user: Json) -> str:
        """Say what a person is, beside a member: an admin, a guest, new here."""
        if user["is_owner"] or user["is_admin"]:
            return "admin"
        if user["is_restricted"] or user["is_ultra_restricted"]:
            return "guest"
        return "other company" if user["team"] != self.meta["team_id"] else NOTES.get(user["name"], "")

    @cached_property
    def any_names(self) -> Names:
        """The names of everybody and everything."""
        users = {user["id"]: user["real_name"] for user in self.values["users"].values()}
        channels = {channel["id"]: channel["name"] for channel in self.values["channels"].values()}
        groups = {group_id: group["handle"] for group_id, group in self.values["groups"].items()}
        people = {user["id"]: user["real_name"] for user in self.people}
        return Names(users, channels, groups, people)

    def names(self, viewer: Json) -> Names:
        """Return all names, and what the viewer can choose."""
        places = {one["id"]: self.place_name(one, viewer) for one in self.channels(viewer)}
        return replace(self.any_names, places=places, viewer=viewer["id"], zone=viewer["tz"])

    def channels(self, viewer: Json) -> list[Json]:
        """Return the channels that somebody is in, named ones first."""
        mine = (one for one in self.values["channels"].values() if viewer["id"] in one["members"])
        return sorted(mine, key=lambda one: (one["kind"] not in {"channel", "group"}, one["name"]))

    def place_name(self, channel: Json, viewer: Json) -> str:
        """Return the name of a channel in somebody's list."""
        if channel["kind"] in {"channel", "group"}:
            return ("# " if channel["kind"] == "channel" else "🔒 ") + str(channel["name"])
        others = [self.values["users"].get(one, {}) for one in channel["members"] if one != viewer["id"]]
        return ", ".join(str(other.get("real_name", "")).split(" ")[0] for other in others)

    def app_channel(self, viewer: Json) -> Json | None:
        """Return somebody's direct message with the app."""
        mine = (one for one in self.channels(viewer) if one["kind"] == "im" and self.meta["bot_user"] in one["members"])
        return next(mine, None)

    def channel_of(self, seat: Seat, viewer: Json) -> Json | None:
        """Return the channel that a seat is in front of; None for Home, the notifications and unknown places."""
        if seat.place in {HOME, ALERTS}:
            return None
        if seat.place == APP:
            return self.app_channel(viewer)
        return next((one for one in self.channels(viewer) if seat.place in {one["name"], one["id"]}), None)

    @cached_property
    def _messages(self) -> dict[str, list[Json]]:
        by_channel: dict[str, list[Json]] = {}
        for message in self.values["messages"].values():
            by_channel.setdefault(message["channel"], []).append(message)
        return by_channel

    def messages(self, channel: Json, viewer: Json) -> list[Json]:
        """Return what somebody sees in a channel, oldest first, with the replies in threads."""
        here = self._messages.get(channel["id"], ())
        return [message for message in here if message["visible_to"] in {None, viewer["id"]}]

    def unread(self, channel: Json, viewer: Json) -> list[Json]:
        """Return the messages of others that somebody hasn't seen."""
        read = self._reads.get((viewer["id"], channel["id"]), "")
        return [m for m in self.messages(channel, viewer) if m["ts"] > read and m["user"] != viewer["id"]]

    def unread_notifications(self, viewer: Json) -> list[Json]:
        """Return the notifications of what somebody hasn't seen, oldest first."""
        told = self.notifications(viewer)
        return sorted(
            (one for one in told if one["ts"] > self._reads.get((viewer["id"], one["channel"]), "")),
            key=lambda one: str(one["ts"]),
        )

    def mark_read(self, channel: Json, viewer: Json) -> None:
        """Remember that somebody has seen all there is in a channel."""
        if seen := self.messages(channel, viewer):
            self._reads[viewer["id"], channel["id"]] = seen[-1]["ts"]

    def notifications(self, viewer: Json) -> list[Json]:
        """Return the messages for which Slack notifies somebody: in direct messages, and those that mention them."""
        return [
            message
            for channel in self.channels(viewer)
            for message in self.messages(channel, viewer)
            if notifies(message, viewer["id"], channel_kind=channel["kind"])
        ]
