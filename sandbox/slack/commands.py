"""A person types a slash command: https://docs.slack.dev/interactivity/implementing-slash-commands."""

import json

from sandbox.slack import payloads
from sandbox.slack.api_types import ActionUnavailable, ErrorResponse
from sandbox.slack.arguments import Arguments
from sandbox.slack.conversations import Channel
from sandbox.slack.delivery import Acknowledgement, ActionResult, DeliveryKind
from sandbox.slack.escaping import escape_text
from sandbox.slack.replies import acknowledge
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace


async def run_command(slack: Workspace, *, user: User, channel: Channel, name: str, text: str) -> ActionResult:
    """Send a command as typed and show its acknowledgement; raises ActionUnavailable if it can't be typed there."""
    check_member(user, channel)
    check_client(slack, user)
    if "commands" not in slack.scopes or (slack.commands is not None and name not in slack.commands):
        return ActionResult(error=f"{name} is not a valid command.")
    url = slack.response_urls.issue("commands", user_id=user.id, channel=channel)
    sent_text = escape_text(text, world=slack.world, author=user) if slack.should_escape else text
    payload = payloads.command(slack, user, channel, name=name, text=sent_text)
    payload |= {"response_url": slack.address(url), "trigger_id": slack.triggers.issue(user.id)}
    acknowledgement = await slack.delivery.deliver(DeliveryKind.COMMAND, payload)
    failure = acknowledgement.failure or _show(slack, url, acknowledgement, typed=f"{name} {text}".strip())
    error = f'{name} failed with the error "{failure}"' if failure else ""
    return ActionResult(error=error, ack_ms=acknowledgement.ms)


def check_client(slack: Workspace, user: User) -> None:
    """Raise ActionUnavailable unless the user's client offers the app's commands and shortcuts.

    https://docs.slack.dev/apis/slack-connect/: only members of the installing workspace can run its commands.
    """
    if not user.can_sign_in:
        raise ActionUnavailable(f"{user.name} cannot sign in")
    if slack.world.team.id not in {user.team_id, *user.workspaces}:
        raise ActionUnavailable(f"{user.name} is of another organization and has no such command")


def check_member(user: User, channel: Channel) -> None:
    """Raise ActionUnavailable unless the user can type in the channel."""
    if user.id not in channel.members:
        raise ActionUnavailable(f"{user.name} is not in {channel.name or channel.id}")
    if not user.can_sign_in:
        raise ActionUnavailable(f"{user.name} cannot sign in")


def _show(slack: Workspace, url: ResponseUrl, acknowledgement: Acknowledgement, *, typed: str) -> str:
    """Show the acknowledgement's body, if there is one; return the error for a body that can't be shown."""
    if not acknowledgement.body.strip():
        return ""
    try:
        acknowledge(slack, url, _reply(acknowledgement), typed=typed)
    except (ValueError, ErrorResponse):
        return "invalid_command_response"
    return ""


def _reply(acknowledgement: Acknowledgement) -> Arguments:
    if acknowledgement.content_type != "application/json":
        return Arguments({"text": acknowledgement.body})
    reply = json.loads(acknowledgement.body)
    if not isinstance(reply, dict):
        raise ValueError("a JSON acknowledgement is an object")
    return Arguments(reply)
