"""Modals and the Home tab.

https://docs.slack.dev/reference/methods/views.open, https://docs.slack.dev/reference/methods/views.publish
"""

from typing import Any

from slack_sdk.errors import SlackApiError

from bot.core.model import Message, UserId
from bot.slack.client import SlackCalls, reaching_slack
from bot.slack.errors import ModalClosed, ModalGone, ModalNotOpened, ModalNotUpdated, SlackError
from bot.slack.model import Home, MessageRef, Modal, ViewId

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


def view_json(modal: Modal) -> dict[str, Any]:
    """Return a modal as Slack wants it."""
    submit = {"submit": _plain(modal.submit)} if modal.submit else {}
    return {
        "type": "modal",
        "title": _plain(modal.title),
        "close": _plain(modal.close),
        **submit,
        "blocks": list(modal.blocks),
        "callback_id": modal.name,
        "private_metadata": modal.metadata,
        "notify_on_close": modal.tells_of_close,
    }


class SlackViews(SlackCalls):
    """Opens and redraws what somebody has in front of them."""

    async def open(self, trigger_id: str, modal: Modal) -> ViewId:
        """Open a modal for whoever set off the trigger, within its 3 s; raise WindowNotOpened."""
        try:
            return await self._open(trigger_id, modal)
        except SlackError:
            raise ModalNotOpened from None

    async def push(self, trigger_id: str, modal: Modal) -> None:
        """Put a modal over the one in which somebody acted; raise WindowNotOpened."""
        try:
            await self._push(trigger_id, modal)
        except SlackError:
            raise ModalNotOpened from None

    async def update(self, view: ViewId, modal: Modal) -> None:
        """Redraw an open modal; raise WindowClosed if it is gone, WindowNotDrawn."""
        try:
            await self._update(view, modal)
        except ModalGone:
            raise ModalClosed from None
        except SlackError as error:
            raise ModalNotUpdated(error) from None

    @reaching_slack
    async def publish(self, user: UserId, home: Home, *, over: str = "") -> str:
        """Draw somebody's Home tab and return a mark of this drawing; raise SlackUnavailable.

        With the mark of an earlier drawing as `over` nothing happens if that isn't the newest any more.
        """
        view = {"type": "home", "blocks": list(home.blocks), "private_metadata": home.metadata}
        try:
            reply = await self._client.views_publish(user_id=user, view=view, hash=over or None)
        except SlackApiError as error:
            if error.response.get("error") == "hash_conflict":
                return over
            raise
        return str((reply.get("view") or {}).get("hash") or "")

    @reaching_slack
    async def _open(self, trigger_id: str, modal: Modal) -> ViewId:
        reply = await self._client.views_open(trigger_id=trigger_id, view=view_json(modal))
        return ViewId(str((reply.get("view") or {})["id"]))

    @reaching_slack
    async def _push(self, trigger_id: str, modal: Modal) -> None:
        await self._client.views_push(trigger_id=trigger_id, view=view_json(modal))

    @reaching_slack
    async def _update(self, view: ViewId, modal: Modal) -> None:
        await self._client.views_update(view_id=view, view=view_json(modal))


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
