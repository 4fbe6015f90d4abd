"""What the bot shows through the Web API: direct messages, modals and the Home tab.

https://docs.slack.dev/reference/methods/chat.postMessage, https://docs.slack.dev/reference/methods/chat.update,
https://docs.slack.dev/messaging/message-metadata, https://docs.slack.dev/reference/methods/views.open,
https://docs.slack.dev/reference/methods/views.publish
"""

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.model import Message, TeamId, UserId
from bot.slack.blocks import plain
from bot.slack.client import SlackCalls, reaching_slack, reason_of, required
from bot.slack.errors import ModalClosed, ModalGone, ModalNotOpened, ModalNotUpdated, SlackError
from bot.slack.model import Home, MessageRef, Modal, ViewId

EVENT_TYPE = "connectbot_message"
"""The event type of our messages' metadata."""
HISTORY = 50
"""How many of a direct message's latest messages are searched for a mark."""


class DirectMessages(SlackCalls):
    """Posts to a person's direct message with the bot, which Slack opens if needed; all methods raise SlackError."""

    @reaching_slack
    async def post(
        self, team: TeamId, user: UserId, message: Message, *, mark: str = "", thread: str = ""
    ) -> MessageRef:
        """Post a message, with a mark to find it by, into a thread if one is named; return where it stands."""
        client = await self.clients.of(team)
        reply = await client.chat_postMessage(
            channel=user,
            text=message.text,
            blocks=list(message.blocks),
            metadata={"event_type": EVENT_TYPE, "event_payload": {"mark": mark}} if mark else None,
            thread_ts=thread or None,
            unfurl_links=False,
            unfurl_media=False,
        )
        return MessageRef(channel=required(reply, "channel"), ts=required(reply, "ts"))

    @reaching_slack
    async def find(self, team: TeamId, user: UserId, mark: str) -> MessageRef | None:
        """Return where the message with a mark stands, if it is among the latest ones."""
        client = await self.clients.of(team)
        opened = await client.conversations_open(users=[user])
        channel = required(opened["channel"], "id")
        reply = await client.conversations_history(channel=channel, limit=HISTORY, include_all_metadata=True)
        for message in reply["messages"]:
            if ((message.get("metadata") or {}).get("event_payload") or {}).get("mark") == mark:
                return MessageRef(channel, required(message, "ts"))
        return None

    @reaching_slack
    async def update(self, team: TeamId, posted: MessageRef, message: Message) -> None:
        """Update a message that was posted."""
        client = await self.clients.of(team)
        await client.chat_update(channel=posted.channel, ts=posted.ts, text=message.text, blocks=list(message.blocks))


class SlackViews(SlackCalls):
    """Opens and updates modals, and publishes the Home tab."""

    async def open(self, team: TeamId, trigger_id: str, modal: Modal) -> ViewId:
        """Open a modal for the person who caused the trigger, within its 3 s; raise ModalNotOpened, SlackError."""
        with _late_triggers():
            return await self._open(team, trigger_id, modal)

    async def push(self, team: TeamId, trigger_id: str, modal: Modal) -> None:
        """Open a modal on top of the one that caused the trigger; raise ModalNotOpened, SlackError."""
        with _late_triggers():
            await self._push(team, trigger_id, modal)

    async def update(self, team: TeamId, view: ViewId, modal: Modal, *, over: str = "") -> str | None:
        """Update a modal and return the hash of this version; raise ModalClosed if it is gone, else ModalNotUpdated.

        With the hash of an earlier version as `over`, nothing happens if that is no longer the latest; returns None.
        """
        try:
            return await self._update(team, view, modal, over)
        except ModalGone:
            raise ModalClosed from None
        except SlackError as error:
            raise ModalNotUpdated(error) from None

    @reaching_slack
    async def publish(self, team: TeamId, user: UserId, home: Home, *, over: str = "") -> str | None:
        """Publish a person's Home tab and return the hash of this version; raise SlackError.

        With the hash of an earlier version as `over`, nothing happens if that is no longer the latest; returns None.
        """
        view = {"type": "home", "blocks": list(home.blocks), "private_metadata": home.metadata}
        client = await self.clients.of(team)
        return await _version(client.views_publish(user_id=user, view=view, hash=over or None))

    @reaching_slack
    async def _open(self, team: TeamId, trigger_id: str, modal: Modal) -> ViewId:
        client = await self.clients.of(team)
        reply = await client.views_open(trigger_id=trigger_id, view=view_json(modal))
        return ViewId(required(reply["view"], "id"))

    @reaching_slack
    async def _push(self, team: TeamId, trigger_id: str, modal: Modal) -> None:
        client = await self.clients.of(team)
        await client.views_push(trigger_id=trigger_id, view=view_json(modal))

    @reaching_slack
    async def _update(self, team: TeamId, view: ViewId, modal: Modal, over: str) -> str | None:
        client = await self.clients.of(team)
        return await _version(client.views_update(view_id=view, view=view_json(modal), hash=over or None))


async def _version(drawing: Awaitable[AsyncSlackResponse]) -> str | None:
    """Return the hash of what was drawn, or None if it wasn't because something newer is there."""
    try:
        reply = await drawing
    except SlackApiError as error:
        if reason_of(error) == "hash_conflict":
            return None
        raise
    return str((reply.get("view") or {}).get("hash") or "")


@contextmanager
def _late_triggers() -> Iterator[None]:
    """Raise ModalNotOpened for a refusal without a class: Slack has six words for a trigger that is over."""
    try:
        yield
    except SlackError as error:
        raise (ModalNotOpened() if type(error) is SlackError else error) from None


def view_json(modal: Modal) -> dict[str, Any]:
    """Return a modal as the Web API takes it."""
    submit = {"submit": plain(modal.submit)} if modal.submit else {}
    return {
        "type": "modal",
        "title": plain(modal.title),
        "close": plain(modal.close),
        **submit,
        "blocks": list(modal.blocks),
        "callback_id": modal.name,
        "private_metadata": modal.metadata,
        "notify_on_close": modal.tells_of_close,
    }
