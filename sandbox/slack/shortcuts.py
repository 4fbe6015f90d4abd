"""Somebody uses a shortcut: https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""

from typing import Literal

from sandbox.slack import payloads
from sandbox.slack.api_types import Impossible, Json
from sandbox.slack.clicks import visible_message
from sandbox.slack.commands import check_client
from sandbox.slack.conversations import Channel
from sandbox.slack.delivery import Kind
from sandbox.slack.outcome import Outcome
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace


async def global_shortcut(slack: Workspace, *, user: User, callback_id: str) -> Outcome:
    """Use a shortcut from anywhere: the app gets no channel and no `response_url`; raises Impossible."""
    _check_offered(slack, user, callback_id, "global")
    return await _send(slack, payloads.interaction(slack, user, "shortcut"), user, callback_id)


async def message_shortcut(slack: Workspace, *, user: User, callback_id: str, channel: Channel, ts: str) -> Outcome:
    """Use a shortcut on a message that this person sees; raises Impossible.

    https://docs.slack.dev/interactivity/implementing-shortcuts: ephemeral messages have none.
    """
    _check_offered(slack, user, callback_id, "message")
    message = visible_message(user, channel, ts)
    if message.is_ephemeral:
        raise Impossible("an ephemeral message has no shortcuts")
    url = slack.response_urls.issue("actions", user_id=user.id, channel=channel)
    payload = payloads.interaction(slack, user, "message_action") | {
        "channel": {"id": channel.id, "name": channel.name_told},
        "message_ts": message.ts,
        "message": message.as_json(with_metadata=True),
        "response_url": slack.address(url),
    }
    return await _send(slack, payload, user, callback_id)


def _check_offered(slack: Workspace, user: User, callback_id: str, kind: Literal["global", "message"]) -> None:
    check_client(slack, user)
    if "commands" not in slack.scopes:
        raise Impossible("the app has no shortcuts without the scope 'commands'")
    if slack.shortcuts is not None and slack.shortcuts.get(callback_id) != kind:
        raise Impossible(f"the app has no {kind} shortcut {callback_id!r}")


async def _send(slack: Workspace, payload: Json, user: User, callback_id: str) -> Outcome:
    payload |= {"callback_id": callback_id, "action_ts": slack.next_ts()}
    payload["trigger_id"] = slack.triggers.issue(user.id)
    answer = await slack.delivery.deliver(Kind.INTERACTION, payload)
    return Outcome(error=answer.failure, ack_ms=answer.ms)
