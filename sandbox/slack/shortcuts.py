"""Somebody uses a shortcut: https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""

from sandbox.slack import payloads
from sandbox.slack.clicks import visible_message
from sandbox.slack.conversations import Channel
from sandbox.slack.delivery import Kind
from sandbox.slack.outcome import Outcome
from sandbox.slack.people import User
from sandbox.slack.wire import Impossible, Json
from sandbox.slack.workspace import Workspace


async def global_shortcut(slack: Workspace, *, user: User, callback_id: str) -> Outcome:
    """Use a shortcut from anywhere: the app gets no channel and no `response_url`; raises Impossible."""
    return await _send(slack, payloads.interaction(slack, user, "shortcut"), user, callback_id)


async def message_shortcut(slack: Workspace, *, user: User, callback_id: str, channel: Channel, ts: str) -> Outcome:
    """Use a shortcut on a message that this person sees; raises Impossible."""
    message = visible_message(user, channel, ts)
    url = slack.response_urls.issue("actions", user_id=user.id, channel=channel)
    payload = payloads.interaction(slack, user, "message_action") | {
        "channel": {"id": channel.id, "name": channel.name_told},
        "message_ts": message.ts,
        "message": message.as_json(),
        "response_url": slack.address(url),
    }
    return await _send(slack, payload, user, callback_id)


async def _send(slack: Workspace, payload: Json, user: User, callback_id: str) -> Outcome:
    if "commands" not in slack.scopes:
        raise Impossible("the app has no shortcuts without the scope 'commands'")
    payload |= {"callback_id": callback_id, "action_ts": slack.next_ts()}
    payload["trigger_id"] = slack.triggers.issue(user.id)
    answer = await slack.delivery.deliver(Kind.INTERACTION, payload)
    return Outcome(error=answer.failure, ack_ms=answer.ms)
