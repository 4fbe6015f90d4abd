"""Somebody types a slash command: https://docs.slack.dev/interactivity/implementing-slash-commands."""

import json

from sandbox.slack import payloads
from sandbox.slack.api_types import Impossible, Refusal
from sandbox.slack.arguments import Arguments
from sandbox.slack.conversations import Channel
from sandbox.slack.delivery import Answer, Kind
from sandbox.slack.escaping import escaped
from sandbox.slack.outcome import Outcome
from sandbox.slack.replies import acknowledge
from sandbox.slack.response_urls import ResponseUrl
from sandbox.slack.users import User
from sandbox.slack.workspace import Workspace


async def run_command(slack: Workspace, *, user: User, channel: Channel, name: str, text: str) -> Outcome:
    """Send a command as typed and show its acknowledgement; raises Impossible when it cannot be typed there."""
    check_member(user, channel)
    check_client(slack, user)
    if "commands" not in slack.scopes or (slack.commands is not None and name not in slack.commands):
        return Outcome(error=f"{name} is not a valid command.")
    url = slack.response_urls.issue("commands", user_id=user.id, channel=channel)
    told = escaped(text, world=slack.world, typist=user) if slack.should_escape else text
    payload = payloads.command(slack, user, channel, name=name, text=told)
    payload |= {"response_url": slack.address(url), "trigger_id": slack.triggers.issue(user.id)}
    answer = await slack.delivery.deliver(Kind.COMMAND, payload)
    word = answer.failure or _shown(slack, url, answer, typed=f"{name} {text}".strip())
    return Outcome(error=f'{name} failed with the error "{word}"' if word else "", ack_ms=answer.ms)


def check_client(slack: Workspace, user: User) -> None:
    """Raise Impossible unless this person's client offers the app's commands and shortcuts.

    https://docs.slack.dev/apis/slack-connect/: only members of the installing workspace can run its commands.
    """
    if not user.can_sign_in:
        raise Impossible(f"{user.name} cannot sign in")
    if user.team_id != slack.world.team.id:
        raise Impossible(f"{user.name} is of another organization and has no such command")


def check_member(user: User, channel: Channel) -> None:
    """Raise Impossible unless this person can type in that conversation."""
    if user.id not in channel.members:
        raise Impossible(f"{user.name} is not in {channel.name or channel.id}")
    if not user.can_sign_in:
        raise Impossible(f"{user.name} cannot sign in")


def _shown(slack: Workspace, url: ResponseUrl, answer: Answer, *, typed: str) -> str:
    """Show the acknowledgement's body, if any; return the word for one that cannot be shown."""
    if not answer.body.strip():
        return ""
    try:
        acknowledge(slack, url, _reply(answer), typed=typed)
    except (ValueError, Refusal):
        return "invalid_command_response"
    return ""


def _reply(answer: Answer) -> Arguments:
    if answer.content_type != "application/json":
        return Arguments({"text": answer.body})
    reply = json.loads(answer.body)
    if not isinstance(reply, dict):
        raise ValueError("a JSON acknowledgement is an object")
    return Arguments(reply)
