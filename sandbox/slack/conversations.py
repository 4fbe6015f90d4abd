"""Conversations of every kind and the messages in them, ephemeral ones included."""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Literal

from sandbox.slack.api_types import Json
from sandbox.slack.inputs import Chosen, kept

# What an app is told instead of the name: people's own conversations have none, private ones are not named.
NAMES_TOLD = {"im": "directmessage", "group": "privategroup"}


@dataclass(kw_only=True, eq=False)
class Message:
    """A message; `visible_to` names the only viewer of an ephemeral one."""

    ts: str
    channel_id: str
    user_id: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    bot_id: str = ""
    app_id: str = ""
    team_id: str = ""
    thread_ts: str = ""
    metadata: Json | None = None
    visible_to: str | None = None
    edited_ts: str = ""
    chosen: Chosen = field(default_factory=dict)

    @property
    def is_ephemeral(self) -> bool:
        """Tell whether one viewer alone sees it."""
        return self.visible_to is not None

    def rewrite(self, *, text: str, blocks: list[Json], attachments: list[Json], edited_ts: str) -> None:
        """Replace what it says; who sees it stays as it was."""
        self.text, self.blocks, self.attachments = text, blocks, attachments
        self.edited_ts = edited_ts
        self.chosen = kept(self.chosen, blocks)

    def as_json(self, *, with_metadata: bool = False) -> Json:
        """Return the message object that methods and payloads carry; without its metadata, their type alone.

        https://docs.slack.dev/messaging/message-metadata
        """
        shown: Json = {"type": "message", "user": self.user_id, "ts": self.ts, "text": self.text}
        shown |= {"team": self.team_id}
        if self.bot_id:
            shown |= {"bot_id": self.bot_id, "app_id": self.app_id}
        for name in ("blocks", "attachments", "thread_ts"):
            if value := getattr(self, name):
                shown[name] = value
        if self.edited_ts:
            shown["edited"] = {"user": self.user_id, "ts": self.edited_ts}
        if self.metadata:
            shown["metadata"] = self.metadata if with_metadata else {"event_type": self.metadata["event_type"]}
        return shown


@dataclass(kw_only=True, eq=False)
class Channel:
    """A conversation: a public channel, a private one (`group`), a DM (`im`) or a group DM (`mpim`).

    Its messages stand in the order of their `ts`, all of which are equally long.
    """

    id: str
    name: str = ""
    kind: Literal["channel", "group", "im", "mpim"] = "channel"
    members: list[str] = field(default_factory=list)
    is_ext_shared: bool = False
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def is_private(self) -> bool:
        """Tell whether outsiders cannot see it."""
        return self.kind != "channel"

    @property
    def name_told(self) -> str:
        """Return the name that payloads carry."""
        return NAMES_TOLD.get(self.kind, self.name)

    def seen_by(self, viewer_id: str) -> list[Message]:
        """Return what this viewer sees now, oldest first."""
        return [message for message in self.messages if message.visible_to in {None, viewer_id}]

    def find(self, ts: str) -> Message | None:
        """Return the message with this `ts`, ephemeral or not."""
        place = bisect_left(self.messages, ts, key=lambda message: message.ts)
        found = self.messages[place] if place < len(self.messages) else None
        return found if found and found.ts == ts else None

    def forget(self, message: Message) -> None:
        """Take a message out, if it is still there."""
        if self.find(message.ts) is message:
            self.messages.remove(message)

    def as_json(self, *, member_id: str) -> Json:
        """Return the conversation object of https://docs.slack.dev/reference/objects/conversation-object."""
        shown: Json = {"id": self.id, "created": 1767225600, "is_archived": self.is_archived}
        if self.kind == "im":
            other = next((member for member in self.members if member != member_id), member_id)
            return shown | {"is_im": True, "user": other, "is_org_shared": False}
        return shown | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.is_private,
            "is_general": self.name == "general",
            "is_member": member_id in self.members,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "num_members": len(self.members),
        }
