"""The bot's direct messages with people.

https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update,
https://docs.slack.dev/messaging/message-metadata
"""

from bot.core.model import Message, UserId
from bot.slack.model import MessageRef
from bot.slack.web_api import SlackCalls, reaching_slack

EVENT = "connectbot_message"
"""What a message's metadata calls itself."""
LATELY = 50
"""Messages of a direct message that are read to find one of ours again."""


class DirectMessages(SlackCalls):
    """Posts to a person's direct message with the bot; Slack opens it where there was none."""

    @reaching_slack
    async def post(self, user: UserId, message: Message, *, mark: str = "") -> MessageRef:
        """Post a message, with a mark to find it by, and return where it stands; raise SlackUnavailable."""
        reply = await self._client.chat_postMessage(
            channel=user,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": EVENT, "event_payload": {"mark": mark}} if mark else None,
            unfurl_links=False,
            unfurl_media=False,
        )
        return MessageRef(channel=str(reply["channel"]), ts=str(reply["ts"]))

    @reaching_slack
    async def find(self, user: UserId, mark: str) -> MessageRef | None:
        """Return where the message with a mark stands, if it is among the last ones; raise SlackUnavailable."""
        opened = await self._client.conversations_open(users=[user])
        channel = str((opened.get("channel") or {})["id"])
        reply = await self._client.conversations_history(channel=channel, limit=LATELY, include_all_metadata=True)
        for message in reply.get("messages") or ():
            if ((message.get("metadata") or {}).get("event_payload") or {}).get("mark") == mark:
                return MessageRef(channel, str(message["ts"]))
        return None

    @reaching_slack
    async def update(self, posted: MessageRef, message: Message) -> None:
        """Change a message that was posted; raise SlackUnavailable."""
        await self._client.chat_update(
            channel=posted.channel, ts=posted.ts, text=message.text, blocks=list(message.blocks)
        )
