"""`conversations.*`: https://docs.slack.dev/reference/methods/conversations.open and neighbours."""

from sandbox.slack.api_types import Json, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.conversations import Channel
from sandbox.slack.methods.method import Method
from sandbox.slack.methods.pages import page
from sandbox.slack.rate_limiter import TIER_3, TIER_4
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace

SCOPE_PREFIX = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
HISTORY_PAGE = 100


def conversations_open(slack: Workspace, given: Arguments) -> Json:
    """Open the app's DM with one person."""
    if given.text("channel"):
        channel = slack.bot_channel(given.text("channel"))
        return _opened(slack, channel, given, already=True)
    people = [_reachable(slack, user_id) for user_id in given.required("users").replace(" ", "").split(",")]
    if len(people) > 1:
        raise Refusal("method_not_supported_for_channel_type")
    already = slack.world.dm(people[0].id) is not None
    return _opened(slack, slack.world.open_dm(people[0].id), given, already=already)


def _reachable(slack: Workspace, user_id: str) -> User:
    user = slack.world.users.get(user_id)
    if user is None:
        raise Refusal("user_not_found")
    if user.is_stranger:
        raise Refusal("user_not_visible")
    if user.deleted:
        raise Refusal("user_disabled")
    if user.is_bot or user.id == "USLACKBOT":
        raise Refusal("cannot_dm_bot")
    return user


def _opened(slack: Workspace, channel: Channel, given: Arguments, *, already: bool) -> Json:
    shown: Json = {"id": channel.id}
    if given.flag("return_im"):
        shown = channel.as_json(member_id=slack.world.app.bot_user_id)
    return {"channel": shown} | ({"no_op": True, "already_open": True} if already else {})


def conversations_info(slack: Workspace, given: Arguments) -> Json:
    """Describe a conversation that the app can see."""
    channel = _readable(slack, given, "read")
    return {"channel": channel.as_json(member_id=slack.world.app.bot_user_id)}


def conversations_members(slack: Workspace, given: Arguments) -> Json:
    """List who is in a conversation."""
    members, metadata = page(_readable(slack, given, "read").members, given)
    return {"members": members, **metadata}


def conversations_history(slack: Workspace, given: Arguments) -> Json:
    """List messages, newest first, ephemeral ones never."""
    channel = _readable(slack, given, "history")
    if slack.world.app.bot_user_id not in channel.members:
        raise Refusal("not_in_channel")
    oldest, latest = given.text("oldest", "0"), given.text("latest") or "9"
    inclusive = given.flag("inclusive")
    wanted = [
        message
        for message in reversed(channel.messages)
        if not message.is_ephemeral and (oldest < message.ts < latest or (inclusive and message.ts in {oldest, latest}))
    ]
    messages, metadata = page(wanted, given, usual=HISTORY_PAGE)
    shown = [message.as_json(with_metadata=given.flag("include_all_metadata")) for message in messages]
    more = bool(metadata["response_metadata"]["next_cursor"])
    return {"messages": shown, "has_more": more, "pin_count": 0, **metadata}


def _readable(slack: Workspace, given: Arguments, what: str) -> Channel:
    channel = slack.bot_channel(given.required("channel"))
    slack.require_scope(f"{SCOPE_PREFIX[channel.kind]}:{what}")
    return channel


METHODS = {
    "conversations.open": Method(conversations_open, TIER_3, "im:write"),
    "conversations.info": Method(conversations_info, TIER_3),
    "conversations.members": Method(conversations_members, TIER_4),
    "conversations.history": Method(conversations_history, TIER_3),
}
