"""Channels of every kind and the messages in them, including ephemeral ones."""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Literal

from sandbox.slack.api_types import Json
from sandbox.slack.inputs import ElementStates, states_after_update

PAYLOAD_NAMES = {"im": "directmessage", "group": "privategroup"}
"""What payloads contain as the name: DMs have none, and private channels are not named."""


@dataclass(kw_only=True, eq=False)
class Message:
    """A message; `visible_to` is the only viewer of an ephemeral one, `states` are the states of its elements."""

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
    states: ElementStates = field(default_factory=dict)

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one viewer sees it."""
        return self.visible_to is not None

    def rewrite(self, *, text: str, blocks: list[Json], attachments: list[Json], edited_ts: str) -> None:
        """Replace the content; the viewers stay the same."""
        self.text, self.blocks, self.attachments = text, blocks, attachments
        self.edited_ts = edited_ts
        self.states = states_after_update(self.states, blocks)

    def as_json(self, *, with_metadata: bool = False) -> Json:
        """Return the message object of methods and payloads; without its metadata only their type is included.

        The app's manifest declares no event type of metadata, so only the history has all on request.

        https://docs.slack.dev/messaging/message-metadata
        """
        message: Json = {"type": "message", "user": self.user_id, "ts": self.ts, "text": self.text}
        message |= {"team": self.team_id}
        if self.bot_id:
            message |= {"bot_id": self.bot_id, "app_id": self.app_id}
        for name in ("blocks", "attachments", "thread_ts"):
            if value := getattr(self, name):
                message[name] = value
        if self.edited_ts:
            message["edited"] = {"user": self.user_id, "ts": self.edited_ts}
        if self.metadata:
            message["metadata"] = self.metadata if with_metadata else {"event_type": self.metadata["event_type"]}
        return message


@dataclass(kw_only=True, eq=False)
class Channel:
    """A public channel, a private one (`group`), a DM (`im`) or a group DM (`mpim`).

    The messages are ordered by `ts`; all `ts` have the same length.
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
        """Whether only members see it."""
        return self.kind != "channel"

    @property
    def payload_name(self) -> str:
        """The name in payloads."""
        return PAYLOAD_NAMES.get(self.kind, self.name)

    def messages_for(self, viewer_id: str) -> list[Message]:
        """Return what the viewer sees now, oldest first."""
        return [message for message in self.messages if message.visible_to in {None, viewer_id}]

    def find(self, ts: str) -> Message | None:
        """Return the message with this `ts`, ephemeral or not."""
        index = bisect_left(self.messages, ts, key=lambda message: message.ts)
        found = self.messages[index] if index < len(self.messages) else None
        return found if found and found.ts == ts else None

    def remove(self, message: Message) -> None:
        """Remove a message if it is still there."""
        if self.find(message.ts) is message:
            self.messages.remove(message)

    def as_json(self, *, member_id: str) -> Json:
        """Return the conversation object of https://docs.slack.dev/reference/objects/conversation-object."""
        conversation: Json = {"id": self.id, "created": 1767225600, "is_archived": self.is_archived}
        if self.kind == "im":
            other = next((member for member in self.members if member != member_id), member_id)
            return conversation | {"is_im": True, "user": other, "is_org_shared": False}
        return conversation | {
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
