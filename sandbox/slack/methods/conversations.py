"""`conversations.*`: https://docs.slack.dev/reference/methods/conversations.open and neighbours."""

from sandbox.slack.api_types import ErrorResponse, Json
from sandbox.slack.arguments import Arguments
from sandbox.slack.conversations import Channel
from sandbox.slack.methods.base import Method, page
from sandbox.slack.rate_limiter import TIER_3, TIER_4
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace

SCOPE_PREFIX = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
HISTORY_PAGE = 100


def conversations_open(slack: Workspace, arguments: Arguments) -> Json:
    """Open the app's DM with one user."""
    if arguments.text("channel"):
        channel = slack.visible_channel(arguments.text("channel"))
        return _opened_json(slack, channel, arguments, already_open=True)
    if not arguments.text("users"):
        raise ErrorResponse("users_list_not_supplied")
    users = [_reachable_user(slack, user_id) for user_id in arguments.required("users").replace(" ", "").split(",")]
    if len(users) > 1:
        raise ErrorResponse("method_not_supported_for_channel_type")
    already_open = slack.world.dm(users[0].id) is not None
    return _opened_json(slack, slack.world.open_dm(users[0].id), arguments, already_open=already_open)


def _reachable_user(slack: Workspace, user_id: str) -> User:
    user = slack.world.users.get(user_id)
    if user is None:
        raise ErrorResponse("user_not_found")
    if user.is_stranger:
        raise ErrorResponse("user_not_visible")
    if user.deleted:
        raise ErrorResponse("user_disabled")
    if user.is_bot or user.id == "USLACKBOT":
        raise ErrorResponse("cannot_dm_bot")
    return user


def _opened_json(slack: Workspace, channel: Channel, arguments: Arguments, *, already_open: bool) -> Json:
    channel_json: Json = {"id": channel.id}
    if arguments.flag("return_im"):
        channel_json = channel.as_json(member_id=slack.world.app.bot_user_id)
    return {"channel": channel_json} | ({"no_op": True, "already_open": True} if already_open else {})


def conversations_info(slack: Workspace, arguments: Arguments) -> Json:
    """Return a channel that the app can see."""
    channel = _readable_channel(slack, arguments, "read")
    return {"channel": channel.as_json(member_id=slack.world.app.bot_user_id)}


def conversations_members(slack: Workspace, arguments: Arguments) -> Json:
    """Return the members of a channel."""
    members, metadata = page(_readable_channel(slack, arguments, "read").members, arguments)
    return {"members": members, **metadata}


def conversations_history(slack: Workspace, arguments: Arguments) -> Json:
    """Return messages, newest first, without ephemeral ones."""
    channel = _readable_channel(slack, arguments, "history")
    if slack.world.app.bot_user_id not in channel.members:
        raise ErrorResponse("not_in_channel")
    oldest, latest = arguments.text("oldest", "0"), arguments.text("latest") or "9"
    inclusive = arguments.flag("inclusive")
    matching = [
        message
        for message in reversed(channel.messages)
        if not message.is_ephemeral and (oldest < message.ts < latest or (inclusive and message.ts in {oldest, latest}))
    ]
    messages, metadata = page(matching, arguments, default=HISTORY_PAGE)
    with_metadata = arguments.flag("include_all_metadata")
    messages_json = [message.as_json(with_metadata=with_metadata) for message in messages]
    has_more = bool(metadata["response_metadata"]["next_cursor"])
    return {"messages": messages_json, "has_more": has_more, "pin_count": 0, **metadata}


def _readable_channel(slack: Workspace, arguments: Arguments, access: str) -> Channel:
    channel = slack.visible_channel(arguments.required("channel"))
    slack.require_scope(f"{SCOPE_PREFIX[channel.kind]}:{access}")
    return channel


METHODS = {
    "conversations.open": Method(conversations_open, TIER_3, "im:write"),
    "conversations.info": Method(conversations_info, TIER_3),
    "conversations.members": Method(conversations_members, TIER_4),
    "conversations.history": Method(conversations_history, TIER_3),
}
