"""`chat.*`: https://docs.slack.dev/reference/methods/chat.postMessage and neighbours."""

from dataclasses import replace
from datetime import timedelta

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.methods.base import Method
from sandbox.slack.posting import post, read_content, update_message
from sandbox.slack.rate_limiter import TIER_3, TIER_4
from sandbox.slack.workspace import Workspace

MAX_UPDATED_TEXT = 4000
SEVERAL_HUNDRED = 300
"""Slack says "several hundred messages per minute" for a workspace."""
SECOND = timedelta(seconds=1)


def post_message(slack: Workspace, arguments: Arguments) -> Json:
    """Post to a channel that the app is in, or to a user, which is the app's DM with them."""
    channel = _postable_channel(slack, arguments.required("channel"))
    content = read_content(arguments)
    slack.rate_limiter.count(f"chat.postMessage in {channel.id}", limit=1, window=SECOND)
    message = post(slack, channel, content, thread_ts=arguments.text("thread_ts"))
    where = {"channel": channel.id, "ts": message.ts}
    return {**where, "message": message.as_json(), **content.metadata.warning_fields}


def post_ephemeral(slack: Workspace, arguments: Arguments) -> Json:
    """Post for one member of a channel that the app is in."""
    user_id = arguments.required("user")
    channel = _joined(slack, slack.visible_channel(arguments.required("channel")))
    if user_id not in channel.members:
        raise ErrorResponse("user_not_in_channel")
    content = read_content(arguments)
    message = post(slack, channel, content, visible_to=user_id, thread_ts=arguments.text("thread_ts"))
    return {"message_ts": message.ts}


def update(slack: Workspace, arguments: Arguments) -> Json:
    """Update one of the app's own messages; text without blocks removes the blocks."""
    message = _own_message(slack, arguments, error="cant_update_message")
    if len(arguments.text("text")) > MAX_UPDATED_TEXT:
        raise ErrorResponse("msg_too_long")
    content = read_content(arguments)
    if "attachments" not in arguments:
        content = replace(content, attachments=message.attachments)
    update_message(slack, message, content)
    where = {"channel": message.channel_id, "ts": message.ts, "text": message.text}
    return {**where, "message": message.as_json(), **content.metadata.warning_fields}


def delete(slack: Workspace, arguments: Arguments) -> Json:
    """Delete one of the app's own messages."""
    message = _own_message(slack, arguments, error="cant_delete_message")
    slack.world.channels[message.channel_id].remove(message)
    return {"channel": message.channel_id, "ts": message.ts}


def _postable_channel(slack: Workspace, target: str) -> Channel:
    if target in slack.world.users:
        _check_dm(slack, target)
        return slack.world.open_dm(target)
    channel = slack.visible_channel(target)
    if channel.kind == "im":
        _check_dm(slack, next(m for m in channel.members if m != slack.world.app.bot_user_id))
    if channel.kind == "channel" and "chat:write.public" in slack.scopes:
        return channel
    return _joined(slack, channel)


def _check_dm(slack: Workspace, user_id: str) -> None:
    user = slack.world.users[user_id]
    if user.is_stranger:
        raise ErrorResponse("channel_not_found")
    if user.deleted:
        raise ErrorResponse("user_disabled")
    if user.is_bot or user.id == "USLACKBOT":
        raise ErrorResponse("cannot_dm_bot")


def _joined(slack: Workspace, channel: Channel) -> Channel:
    if channel.is_archived:
        raise ErrorResponse("is_archived")
    if slack.world.app.bot_user_id not in channel.members:
        raise ErrorResponse("not_in_channel")
    return channel


def _own_message(slack: Workspace, arguments: Arguments, *, error: str) -> Message:
    channel_id, ts = arguments.required("channel"), arguments.required("ts")
    if channel_id not in slack.world.channels:
        raise ErrorResponse("channel_not_found")
    message = slack.visible_channel(channel_id).find(ts)
    if message is None or message.is_ephemeral:
        raise ErrorResponse("message_not_found")
    if message.bot_id != slack.world.app.bot_id:
        raise ErrorResponse(error)
    return message


METHODS = {
    "chat.postMessage": Method(post_message, SEVERAL_HUNDRED, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, TIER_4, "chat:write"),
    "chat.update": Method(update, TIER_3, "chat:write"),
    "chat.delete": Method(delete, TIER_3, "chat:write"),
}
