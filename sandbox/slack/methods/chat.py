"""`chat.*`: https://docs.slack.dev/reference/methods/chat.postMessage and neighbours."""

from dataclasses import replace
from datetime import timedelta

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.methods.method import Method
from sandbox.slack.posting import post, read_content, rewrite
from sandbox.slack.rate_limiter import TIER_3, TIER_4
from sandbox.slack.workspace import Workspace

MOST_UPDATED_TEXT = 4000
HUNDREDS = 300
SECOND = timedelta(seconds=1)


def post_message(slack: Workspace, given: Arguments) -> Json:
    """Post to a channel the app is in, or to a person: that is the app's DM with them."""
    channel = _postable(slack, given.required("channel"))
    content = read_content(given)
    slack.pace.take(f"chat.postMessage in {channel.id}", limit=1, window=SECOND)
    message = post(slack, channel, content, thread_ts=given.text("thread_ts"))
    where = {"channel": channel.id, "ts": message.ts}
    return {**where, "message": message.as_json(with_metadata=True), **content.metadata.told}


def post_ephemeral(slack: Workspace, given: Arguments) -> Json:
    """Post for one member of a conversation that the app is in."""
    user_id = given.required("user")
    channel = _joined(slack, slack.bot_channel(given.required("channel")))
    if user_id not in channel.members:
        raise Refusal("user_not_in_channel")
    content = read_content(given)
    message = post(slack, channel, content, visible_to=user_id, thread_ts=given.text("thread_ts"))
    return {"message_ts": message.ts}


def update(slack: Workspace, given: Arguments) -> Json:
    """Rewrite one of the app's own messages; text without blocks clears the blocks."""
    message = _own(slack, given, refusal="cant_update_message")
    if len(given.text("text")) > MOST_UPDATED_TEXT:
        raise Refusal("msg_too_long")
    content = read_content(given)
    if "attachments" not in given:
        content = replace(content, attachments=message.attachments)
    rewrite(slack, message, content)
    where = {"channel": message.channel_id, "ts": message.ts, "text": message.text}
    return {**where, "message": message.as_json(with_metadata=True), **content.metadata.told}


def delete(slack: Workspace, given: Arguments) -> Json:
    """Delete one of the app's own messages."""
    message = _own(slack, given, refusal="cant_delete_message")
    slack.world.channels[message.channel_id].forget(message)
    return {"channel": message.channel_id, "ts": message.ts}


def _postable(slack: Workspace, target: str) -> Channel:
    if target in slack.world.users:
        _check_dm(slack, target)
        return slack.world.open_dm(target)
    channel = slack.bot_channel(target)
    if channel.kind == "im":
        _check_dm(slack, next(m for m in channel.members if m != slack.world.app.bot_user_id))
    if channel.kind == "channel" and "chat:write.public" in slack.scopes:
        return channel
    return _joined(slack, channel)


def _check_dm(slack: Workspace, user_id: str) -> None:
    user = slack.world.users[user_id]
    if user.is_stranger:
        raise Refusal("channel_not_found")
    if user.deleted:
        raise Refusal("user_disabled")
    if user.is_bot or user.id == "USLACKBOT":
        raise Refusal("cannot_dm_bot")


def _joined(slack: Workspace, channel: Channel) -> Channel:
    if channel.is_archived:
        raise Refusal("is_archived")
    if slack.world.app.bot_user_id not in channel.members:
        raise Refusal("not_in_channel")
    return channel


def _own(slack: Workspace, given: Arguments, *, refusal: str) -> Message:
    channel_id, ts = given.required("channel"), given.required("ts")
    if channel_id not in slack.world.channels:
        raise Refusal("channel_not_found")
    message = slack.bot_channel(channel_id).find(ts)
    if message is None or message.is_ephemeral:
        raise Refusal("message_not_found")
    if message.bot_id != slack.world.app.bot_id:
        raise Refusal(refusal)
    return message


METHODS = {
    "chat.postMessage": Method(post_message, HUNDREDS, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, TIER_4, "chat:write"),
    "chat.update": Method(update, TIER_3, "chat:write"),
    "chat.delete": Method(delete, TIER_3, "chat:write"),
}
