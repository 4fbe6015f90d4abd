"""A person uses a shortcut: https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""

from typing import Literal

from sandbox.slack import payloads
from sandbox.slack.api_types import ActionUnavailable, Json
from sandbox.slack.clicks import visible_message
from sandbox.slack.commands import check_client
from sandbox.slack.conversations import Channel
from sandbox.slack.delivery import ActionResult, DeliveryKind
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace


async def global_shortcut(slack: Workspace, *, user: User, callback_id: str) -> ActionResult:
    """Use a global shortcut: the app gets no channel and no `response_url`; raises ActionUnavailable."""
    _check_offered(slack, user, callback_id, "global")
    payload = payloads.interaction(slack, user, "shortcut", person=("id", "username", "team_id"))
    return await _send(slack, payload, user, callback_id)


async def message_shortcut(
    slack: Workspace, *, user: User, callback_id: str, channel: Channel, ts: str
) -> ActionResult:
    """Use a shortcut on a message that the user sees; raises ActionUnavailable.

    https://docs.slack.dev/interactivity/implementing-shortcuts: ephemeral messages have none.
    """
    _check_offered(slack, user, callback_id, "message")
    message = visible_message(user, channel, ts)
    if message.is_ephemeral:
        raise ActionUnavailable("an ephemeral message has no shortcuts")
    url = slack.response_urls.issue("actions", user_id=user.id, channel=channel)
    payload = payloads.interaction(slack, user, "message_action", person=("id", "name")) | {
        "channel": {"id": channel.id, "name": channel.payload_name},
        "message_ts": message.ts,
        "message": message.as_json(),
        "response_url": slack.address(url),
    }
    return await _send(slack, payload, user, callback_id)


def _check_offered(slack: Workspace, user: User, callback_id: str, kind: Literal["global", "message"]) -> None:
    check_client(slack, user)
    if "commands" not in slack.scopes:
        raise ActionUnavailable("the app has no shortcuts without the scope 'commands'")
    if slack.shortcuts is not None and slack.shortcuts.get(callback_id) != kind:
        raise ActionUnavailable(f"the app has no {kind} shortcut {callback_id!r}")


async def _send(slack: Workspace, payload: Json, user: User, callback_id: str) -> ActionResult:
    payload |= {"callback_id": callback_id, "action_ts": slack.next_ts()}
    payload["trigger_id"] = slack.triggers.issue(user.id)
    acknowledgement = await slack.delivery.deliver(DeliveryKind.INTERACTION, payload)
    return ActionResult(error=acknowledgement.failure, ack_ms=acknowledgement.ms)
