"""The bot's direct messages with people.

https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update
"""

from bot.model import Message, Posted, UserId
from bot.slack.calls import SlackCalls, reaching_slack


class DirectMessages(SlackCalls):
    """Posts to a person's direct message with the bot; Slack opens it where there was none."""

    @reaching_slack
    async def post(self, user: UserId, message: Message) -> Posted:
        """Post a message and return where it stands; raise SlackUnavailable."""
        reply = await self._client.chat_postMessage(
            channel=user, text=message.text, blocks=list(message.blocks), unfurl_links=False, unfurl_media=False
        )
        return Posted(channel=str(reply["channel"]), ts=str(reply["ts"]))

    @reaching_slack
    async def update(self, posted: Posted, message: Message) -> None:
        """Change a message that was posted; raise SlackUnavailable."""
        await self._client.chat_update(
            channel=posted.channel, ts=posted.ts, text=message.text, blocks=list(message.blocks)
        )
