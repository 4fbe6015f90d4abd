"""The payloads that Slack sends to apps: https://docs.slack.dev/reference/interaction-payloads."""

from collections.abc import Sequence

from sandbox.slack.api_types import Json
from sandbox.slack.conversations import Channel, Message
from sandbox.slack.inputs import state_json
from sandbox.slack.users import User
from sandbox.slack.views import View
from sandbox.slack.workspace import Workspace

PERSON = ("id", "username", "name", "team_id")
"""Who acts, in most interactions; shortcuts say less (recorded samples of https://github.com/slackapi/java-slack-sdk)."""


def command(slack: Workspace, user: User, channel: Channel, *, name: str, text: str) -> Json:
    """Return a slash command's fields, all strings, without its `response_url` and `trigger_id`."""
    team = slack.world.team
    organization = team.organization
    enterprise = {"enterprise_id": organization.id, "enterprise_name": organization.name} if organization else {}
    return {
        "token": slack.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        **enterprise,
        "channel_id": channel.id,
        "channel_name": channel.payload_name,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": slack.world.app.app_id,
        "is_enterprise_install": str(slack.org_wide).lower(),
    }


def interaction(slack: Workspace, user: User, kind: str, *, person: Sequence[str] = PERSON) -> Json:
    """Return the fields that all interactions have, the user with the fields of `person`.

    In a shared channel the team is that of whoever acts: https://docs.slack.dev/apis/slack-connect/
    An app of the whole organization gets none where nobody acts in a channel (`message_context` adds it):
    https://docs.slack.dev/enterprise/organization-ready-apps
    """
    team, organization = slack.world.teams.get(user.team_id, slack.world.team), slack.world.team.organization
    known = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}
    return {
        "type": kind,
        "user": {name: known[name] for name in person},
        "api_app_id": slack.world.app.app_id,
        "token": slack.verification_token,
        "team": None if slack.org_wide else {"id": team.id, "domain": team.domain},
        "enterprise": {"id": organization.id, "name": organization.name} if organization else None,
        "is_enterprise_install": slack.org_wide,
    }


def message_context(slack: Workspace, channel: Channel, message: Message) -> Json:
    """Return the fields that say in which message something happened; an ephemeral message itself is not included."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.is_ephemeral,
    }
    context: Json = {"container": container, "channel": {"id": channel.id, "name": channel.payload_name}}
    if not message.is_ephemeral:
        context["message"] = message.as_json()
    team = {"team": {"id": slack.world.team.id, "domain": slack.world.team.domain}} if slack.org_wide else {}
    return context | team | {"state": state_json(message.blocks, message.states)}


def view_context(slack: Workspace, view: View) -> Json:
    """Return the fields that say in which view something happened."""
    return {"container": {"type": "view", "view_id": view.id}, "view": shown_view(slack, view)}


def shown_view(slack: Workspace, view: View) -> Json:
    """Return the view object that apps get."""
    viewer = slack.world.users[view.user_id]
    return view.as_json(team_id=viewer.team_id, installed_in=slack.world.team.id, app=slack.world.app)
